"""What a visitor reads when a handler raises: the sentence of a refusal, or one calm line with a reference."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable

import reflex as rx
from reflex.state import FrontendEventExceptionState
from reflex_base.event.context import EventContext

from portal_app.kit.errors import PortalError, SignInRequired
from portal_app.kit.i18n import N_, words_in
from portal_app.kit.logs import count
from portal_app.security.bucket import Bucket
from portal_app.state.session import DOOR, CustomerSession

log = logging.getLogger(__name__)

SOMETHING_WENT_WRONG = N_("Something went wrong on our side. If it happens again, tell us this reference: {reference}")
# A page that is broken reports as often as it renders; whoever writes such reports on purpose, more often.
_reports = Bucket(rate=0.2, burst=20)
_running: set[asyncio.Task[None]] = set()


def on_browser_error(exception: Exception) -> None:
    """For `rx.App(frontend_exception_handler=…)`; the parameter's name is Reflex's."""
    count("errors.browser")
    if _reports.take():
        log.error("in the browser: %.1000s", exception)


def make_error_handler(app_of: Callable[[], rx.App]) -> Callable[[Exception], None]:
    """For `rx.App(backend_exception_handler=…)`: Reflex's own answer is a toast, which needs `eval`."""

    def on_server_error(exception: Exception) -> None:
        token, reference = EventContext.get().token, ""
        if not isinstance(exception, PortalError):
            reference = secrets.token_hex(4)
            count("errors.server")
            log.error("error %s", reference, exc_info=exception)
        _soon(_show(app_of(), token, exception, reference))

    return on_server_error


def no_scripts_from_the_server() -> None:
    """Reflex answers some browser errors with a script that loads the page again; scripts need `eval`."""
    FrontendEventExceptionState.auto_reload_on_errors = []


async def _show(app: rx.App, token: str, exception: Exception, reference: str) -> None:
    async with app.modify_state(rx.BaseStateToken(ident=token, cls=CustomerSession)) as root:
        session = await root.get_state(CustomerSession)
        say = words_in(session.locale)
        if isinstance(exception, SignInRequired):
            session.session_state, session.door = "needed", DOOR
        elif isinstance(exception, PortalError):
            session._say(say(exception.text, **exception.holes), "error", code=exception.code)
        else:
            text = say(SOMETHING_WENT_WRONG, reference=reference)
            session._say(text, "error", code="internal_error", reference=reference)


def _soon(work: Awaitable[None]) -> None:
    task = asyncio.ensure_future(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
