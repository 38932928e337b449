"""Every door that is not a page, in one list; Reflex answers what none of them does."""

from collections.abc import Callable

from starlette.routing import BaseRoute

from portal_app.http import brand, health, pictures, uploads, webhooks

# Bytes, by address: where more than the ordinary body may come.
LARGER_BODIES: dict[str, int] = {**uploads.LARGER_BODIES, **webhooks.LARGER_BODIES}


def all_routes(is_migrated: Callable[[], bool]) -> list[BaseRoute]:
    """Our own routes, the most special first."""
    return [*health.routes(is_migrated), *webhooks.routes(), *brand.routes, *pictures.routes, *uploads.routes]
