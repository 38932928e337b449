"""Doors that are not pages; owns starlette. May import: kit, gateway, security, services, tasks."""
