"""Tables. May import: kit."""

from portal_app.models import access, journal, mirror, portal

__all__ = ["access", "journal", "mirror", "portal"]
