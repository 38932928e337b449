"""What the portal can do, in `Money` and aware UTC. May import: kit, models, gateway, security, documents."""
