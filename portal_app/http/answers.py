"""The answers that several doors give: see there, come in, and the cookies of both."""

from starlette.responses import RedirectResponse, Response

from portal_app.environment import environment
from portal_app.kit.logs import count
from portal_app.security import magic_links, sessions
from portal_app.services.entry import Entered


def see(path: str) -> Response:
    """Go on by GET at one of our own paths."""
    return RedirectResponse(path, 303, headers={"cache-control": "no-store"})


def come_in(entered: Entered) -> Response:
    """The browser gets its session; what it asked and came with is done."""
    count("sessions.opened")
    answer = see(entered.path)
    set_cookie(answer, environment().cookie_name, entered.cookie, sessions.ABSOLUTE_SECONDS)
    drop_cookie(answer, magic_links.browser_cookie_name())
    drop_cookie(answer, magic_links.link_cookie_name())
    return answer


def set_cookie(answer: Response, name: str, value: str, seconds: int) -> None:
    """A cookie that no script reads and no other site sends along with a form."""
    is_https = environment().is_https
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=is_https, httponly=True, samesite="lax")


def drop_cookie(answer: Response, name: str) -> None:
    """Take a cookie away; the attributes must be those it was set with."""
    answer.delete_cookie(name, path="/", secure=environment().is_https, httponly=True, samesite="lax")
