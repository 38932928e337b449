"""How a page's state answers four times: loading, refused, broken, full."""

import logging
import re
import secrets
from collections.abc import Callable
from typing import Annotated, Concatenate, ParamSpec, TypeVar

import reflex as rx
from pydantic import Field

from portal_app.kit.errors import NotFound, PortalError
from portal_app.kit.logs import count
from portal_app.services.desk import Desk, ask
from portal_app.state.speech import speech

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_ID = r"[A-Za-z0-9_]{1,120}"
SubscriptionId = Annotated[str, Field(pattern=rf"^sub_{_ID}$")]
InvoiceId = Annotated[str, Field(pattern=rf"^in_{_ID}$")]


class Loading(rx.State, mixin=True):
    """What a page knows about its own loading.

    `problem` is empty, or the code of a refusal (`not_found`, `not_allowed` …), or `failed` with a `reference` to
    quote; then `refusal` is the sentence to show.
    """

    is_loaded: bool = False
    shown_at: str = ""  # the address whose content this is
    problem: str = ""
    refusal: str = ""
    reference: str = ""

    async def _read(self, service: Callable[Concatenate[Desk, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T | None:
        """What a service reads, or None after the problem has been written down for the page."""
        self.shown_at = _open_path(self)
        try:
            found = await ask(service, *args, **kwargs)
        except PortalError as error:
            self._fail(error)
            return None
        except Exception as error:
            self.reference = secrets.token_hex(4)
            count("errors.server")
            log.error("error %s", self.reference, exc_info=error)
            self.problem, self.refusal, self.is_loaded = "failed", "", True
            return None
        self.problem = self.refusal = self.reference = ""
        self.is_loaded = True
        return found

    def _fail(self, error: PortalError) -> None:
        self.shown_at = _open_path(self)
        self.problem, self.refusal, self.reference = error.code, speech().refusal(error), ""
        self.is_loaded = True

    def _id_here(self, kind: str) -> str:
        """The id of this kind in the address of the open page; empty, and not found, where there is none.

        The browser says which page it shows, so an id from here is only ever looked up among the visitor's own things.
        """
        found = re.search(rf"/({kind}_{_ID})(?:/|$)", str(self.router.url.path))
        if found is None:
            self._fail(NotFound())
            return ""
        return found[1]


def _open_path(state: rx.State) -> str:
    """The address of the open page, as the browser would say it."""
    return str(state.router.url.path).rstrip("/") or "/"
