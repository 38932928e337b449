"""The mirror: what Stripe says, copied so that a page never has to ask."""

from portal_app.services.sync.hearing import fetch, hear
from portal_app.services.sync.revisions import REFRESH_UPCOMING, raise_revision, touch, wish_for_preview
from portal_app.services.sync.shapes import SHAPES, Refusal
from portal_app.services.sync.store import FETCH, Applied, apply, apply_all, bury, request_fetch

__all__ = [
    "FETCH",
    "REFRESH_UPCOMING",
    "SHAPES",
    "Applied",
    "Refusal",
    "apply",
    "apply_all",
    "bury",
    "fetch",
    "hear",
    "raise_revision",
    "request_fetch",
    "touch",
    "wish_for_preview",
]
