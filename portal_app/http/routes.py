"""Every door that is not a page, in one list; Reflex answers what none of them does."""

from collections.abc import Callable

from starlette.routing import BaseRoute

from portal_app.http import access, brand, demo, files, health, pictures, plain, uploads, webhooks

# Bytes, by address: where more than the ordinary body may come.
LARGER_BODIES: dict[str, int] = {**uploads.LARGER_BODIES, **webhooks.LARGER_BODIES}


def all_routes(is_migrated: Callable[[], bool]) -> list[BaseRoute]:
    """Our own routes."""
    return [
        *health.routes(is_migrated),
        *access.ROUTES,
        *webhooks.routes(),
        *brand.routes,
        *plain.ROUTES,
        *pictures.routes,
        *uploads.routes,
        *files.routes,
        *demo.routes(),
    ]
