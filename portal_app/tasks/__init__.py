"""What happens without a visitor. May import: kit, models, gateway, security, services, documents."""
