"""The composition root: puts envelope, guard, sockets, live pages, routes and the sitemap together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import reflex as rx
from reflex.utils.prerequisites import get_web_dir
from reflex_base.constants import Dirs
from reflex_base.utils.format import format_route
from starlette.applications import Starlette

from portal_app import migrations
from portal_app.components.document import app_wraps, head_components
from portal_app.environment import environment
from portal_app.http.demo import following_clock
from portal_app.http.envelope import Envelope
from portal_app.http.headers import BuiltPages
from portal_app.http.routes import LARGER_BODIES, all_routes
from portal_app.kit import logs
from portal_app.kit.bus import bus
from portal_app.models import base
from portal_app.pages import SITEMAP, Page
from portal_app.security.policy import Audience
from portal_app.services import papers
from portal_app.state import errors
from portal_app.state.configuration import ConfigurationState
from portal_app.state.guard import Guard
from portal_app.state.live import LivePages
from portal_app.state.session import CustomerSession, StaffSession
from portal_app.state.sockets import Sockets

_THREADS = 32
# Redis carries every change at once, and the poll is there for what it loses; without Redis the poll is the way.
_POLL_SECONDS, _POLL_SECONDS_WITH_REDIS = 1.0, 5.0
_ENTRIES: dict[Audience, list[Any]] = {
    "public": [CustomerSession.load],
    "choosing": [CustomerSession.enter_choosing],
    "customer": [CustomerSession.enter],
    "fresh": [CustomerSession.enter],
    "staff": [CustomerSession.load, StaffSession.load],
    "staff_write": [CustomerSession.load, StaffSession.load],
}


class PortalApp(rx.App):
    """The app inside its envelope: outermost, so that no answer leaves without it."""

    def __call__(self) -> Any:
        """The ASGI application; a factory for granian and for `reflex run`."""
        logs.configure(is_json=environment().is_production, level=environment().log_level)
        return Envelope(
            super().__call__(), BuiltPages(get_web_dir() / Dirs.STATIC, _audience_of), _audience_of, LARGER_BODIES
        )


def _get_app() -> rx.App:
    return app


def _make_app() -> PortalApp:
    errors.no_scripts_from_the_server()
    return PortalApp(
        api_transformer=Starlette(routes=all_routes(migrations.is_at_head)),
        backend_exception_handler=errors.make_error_handler(_get_app),
        frontend_exception_handler=errors.on_browser_error,
        app_wraps=app_wraps(),
        head_components=head_components(),
        toaster=None,
        html_lang="en",
        reset_style=False,  # Tailwind brings its own
    )


def _connect(portal: PortalApp) -> None:
    portal.add_middleware(Guard(), index=0)
    sockets = Sockets(portal, bus())
    poll_seconds = _POLL_SECONDS_WITH_REDIS if environment().redis_url else _POLL_SECONDS
    live = LivePages(portal, sockets, bus(), poll_seconds)
    for task in (_database, bus().running, sockets.sweeping, live.polling, following_clock):
        portal.register_lifespan_task(task)


def _add_pages(portal: PortalApp) -> None:
    for page in SITEMAP:
        loaders = [*_ENTRIES[page.audience], ConfigurationState.load, *page.loaders]
        portal.add_page(page.view, route=page.address, title=page.title, on_load=loaders)


@contextlib.asynccontextmanager
async def _database() -> AsyncIterator[None]:
    # Services run in threads; a few slow answers of Stripe must not be all that there are.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "portal"))
    yield
    papers.close()
    base.dispose()


_PAGES: dict[str, Page] = {format_route(page.address): page for page in SITEMAP}


@lru_cache(maxsize=4096)
def _audience_of(path: str) -> Audience | None:
    """The audience of the page at an address."""
    route = app.router(path)
    page = _PAGES.get(route) if route else None
    return page.audience if page else None


app = _make_app()
_connect(app)
_add_pages(app)
