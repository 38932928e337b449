"""Signing in and out: plain HTTP, since only an answer can set the cookie that no script reads.

Every answer to a form is a redirect. What went wrong travels as a short code in the query, which the page turns into
a sentence; no text of the query is ever shown.
"""

import math
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal_app.environment import environment
from portal_app.http.answers import come_in, drop_cookie, see, set_cookie
from portal_app.http.plain import plain_page
from portal_app.kit.errors import InvalidInput, NotFound, SignInRequired, TooManyRequests
from portal_app.kit.logs import count
from portal_app.security import magic_links, sessions
from portal_app.security.return_paths import HOME, Audience, own_path
from portal_app.security.visitor import visitor
from portal_app.services import entry, sign_in
from portal_app.services.desk import Desk, ask
from portal_app.services.entry import Browser, Entered, Refused
from portal_app.services.sign_in import LOGIN_PATHS, Asking

SENT_PATHS: dict[Audience, str] = {"customer": "/login/sent", "staff": "/admin/login/sent"}

Deed = Callable[[Request, FormData], Awaitable[Response]]


def asks_for_link(audience: Audience) -> Deed:
    """The form of `/login` or of `/admin/login`: the same answer for everybody, whoever they are."""

    async def ask_for_link(_request: Request, form: FormData) -> Response:
        wanted = own_path(_text(form, "next"), audience)
        asking = Asking(audience, _text(form, "email"), visitor().client_ip, wanted, visitor().locale)
        try:
            browser = await ask(sign_in.ask_for_link, asking)
        except InvalidInput:
            return _back(audience, "address", next=wanted if wanted != HOME[audience] else "")
        except TooManyRequests as refusal:
            return _too_many(audience, refusal)
        return _waiting(audience, browser)

    return ask_for_link


async def ask_again(request: Request, _form: FormData) -> Response:
    """Another mail to the address that this browser asked with."""
    asking = request.cookies.get(magic_links.browser_cookie_name(), "")
    audience = await ask(sign_in.audience_of, asking)
    try:
        browser = await ask(sign_in.ask_again, asking, visitor().client_ip)
    except TooManyRequests as refusal:
        return _too_many(audience, refusal)
    return _waiting(audience, browser) if browser else see(LOGIN_PATHS[audience])


async def take_link(request: Request) -> Response:
    """The mailed address: moves the token into a cookie and out of the address. Opens nothing, spends nothing."""
    answer = see("/enter")
    answer.headers["referrer-policy"] = "no-referrer"
    answer.headers["x-robots-tag"] = "noindex, nofollow"
    token = request.path_params["token"]
    if magic_links.is_token(token):
        set_cookie(answer, magic_links.link_cookie_name(), token, magic_links.LIFETIME_SECONDS)
    else:
        drop_cookie(answer, magic_links.link_cookie_name())
    return answer


async def show_link(request: Request) -> Response:
    """Whom the link signs in, and one button: a scanner that opens pages gets no further than this."""
    token = request.cookies.get(magic_links.link_cookie_name(), "")
    try:
        invitation = await ask(entry.find_invitation, token, _browser(request))
    except TooManyRequests as refusal:
        return _too_many("customer", refusal)
    if invitation is None:
        return await _dead_link(token)
    return await plain_page("enter.html", invitation=invitation)


async def enter_by_link(request: Request, _form: FormData) -> Response:
    """The click behind a mailed link."""
    token = request.cookies.get(magic_links.link_cookie_name(), "")
    try:
        outcome = await ask(entry.enter_by_link, token, _browser(request))
    except TooManyRequests as refusal:
        return _too_many(await ask(entry.audience_of, token), refusal)
    return come_in(outcome) if isinstance(outcome, Entered) else await _dead_link(token)


async def enter_by_code(request: Request, form: FormData) -> Response:
    """The six digits, typed where they were asked for."""
    browser = _browser(request)
    audience = await ask(sign_in.audience_of, browser.asking)
    try:
        outcome = await ask(entry.enter_by_code, _text(form, "code"), browser)
    except TooManyRequests as refusal:
        return _too_many(audience, refusal)
    return come_in(outcome) if isinstance(outcome, Entered) else _refused_code(audience, outcome)


async def choose_account(request: Request, form: FormData) -> Response:
    """One of the accounts behind the proved address, right after signing in or later from the menu."""
    wanted = own_path(_text(form, "next"))
    try:
        return come_in(await ask(entry.choose_account, _text(form, "customer_id"), wanted, _browser(request)))
    except SignInRequired:
        return see(LOGIN_PATHS["customer"])
    except NotFound:
        return see(f"{entry.CHOOSER_PATH}?problem=account")


async def leave(_request: Request, _form: FormData) -> Response:
    """Sign out here: the session ends, and with it every tab that lives by it."""
    somebody = visitor()
    if somebody.session_id:
        await ask(_end_session)
        count("sessions.signed_out")
    answer = see(LOGIN_PATHS["staff" if somebody.kind == "staff" else "customer"] + "?reason=signed_out")
    drop_cookie(answer, environment().cookie_name)
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


def _end_session(desk: Desk) -> None:
    sessions.end(desk.actor.session_id)


def _browser(request: Request) -> Browser:
    return Browser(
        network=visitor().client_ip,
        asking=request.cookies.get(magic_links.browser_cookie_name(), ""),
        session_id=visitor().session_id,
        locale=visitor().locale,
        user_agent=request.headers.get("user-agent", ""),
    )


async def _dead_link(token: str) -> Response:
    answer = _back(await ask(entry.audience_of, token), "link")
    drop_cookie(answer, magic_links.link_cookie_name())
    return answer


def _refused_code(audience: Audience, refused: Refused) -> Response:
    said = {"problem": refused.problem} | ({"left": refused.tries_left} if refused.problem == "code" else {})
    return see(f"{SENT_PATHS[audience]}?{urlencode(said)}")


def _waiting(audience: Audience, browser: str) -> Response:
    answer = see(SENT_PATHS[audience])
    set_cookie(answer, magic_links.browser_cookie_name(), browser, magic_links.LIFETIME_SECONDS)
    return answer


def _too_many(audience: Audience, refusal: TooManyRequests) -> Response:
    count("sign_in.too_many")
    answer = _back(audience, "too_many", minutes=str(math.ceil(refusal.retry_after_seconds / 60)))
    answer.headers["retry-after"] = str(refusal.retry_after_seconds)
    return answer


def _back(audience: Audience, problem: str, **more: str) -> Response:
    said = {"problem": problem} | {name: value for name, value in more.items() if value}
    return see(f"{LOGIN_PATHS[audience]}?{urlencode(said)}")


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _post(path: str, deed: Deed) -> Route:
    async def take(request: Request) -> Response:
        async with request.form(max_files=0, max_fields=10, max_part_size=4096) as form:
            return await deed(request, form)

    return Route(path, take, methods=["POST"])


ROUTES = [
    _post("/auth/login", asks_for_link("customer")),
    _post("/auth/staff", asks_for_link("staff")),
    _post("/auth/resend", ask_again),
    _post("/auth/code", enter_by_code),
    _post("/auth/account", choose_account),
    _post("/auth/logout", leave),
    _post("/enter", enter_by_link),
    Route("/enter", show_link, methods=["GET"]),
    Route("/enter/{token}", take_link, methods=["GET"]),
]
