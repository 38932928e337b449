"""What the envelope refuses, and how it dresses whatever leaves."""

import re

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from portal_app.environment import environment
from portal_app.http.envelope import Envelope
from portal_app.http.headers import BuiltPages
from tests.cast import ADA
from tests.security.client import Tab

EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def cookie(served):
    return ADA.sign_in()[0]


def _foreign(served):
    port = served.origin.rsplit(":", 1)[1]
    return [
        EVIL,
        "null",
        f"{served.origin}.evil.example",
        f"https://localhost:{port}",
        f"http://localhost:{int(port) - 1}",
        f"http://portal.localhost:{port}",
        f"http://192.168.1.5:{port}",
        f"http://localhost:{port}@evil.example",
    ]


async def test_when_a_foreign_page_shakes_hands_then_it_is_refused(served, cookie):
    refused = [await Tab(served, cookie).is_refused(origin=origin) for origin in _foreign(served)]

    assert all(refused)
    assert await Tab(served, cookie).is_refused(origin="")


async def test_when_the_portal_is_opened_as_127_0_0_1_then_its_socket_is_its_own(served, cookie):
    port = served.origin.rsplit(":", 1)[1]

    assert not await Tab(served, cookie).is_refused(origin=f"http://127.0.0.1:{port}")


def test_when_a_foreign_page_posts_then_it_is_refused(served, cookie):
    with served.http(cookie) as browser:
        answers = [browser.post("/logout", headers={"origin": origin}) for origin in _foreign(served)]
        nameless = httpx.post(f"{served.origin}/logout", cookies={"portal": cookie})

    assert {answer.status_code for answer in answers} == {403}
    assert nameless.status_code == 403


def test_given_a_page_without_referrer_when_it_posts_then_the_browsers_own_word_decides(served):
    with served.http() as browser:
        own = browser.post("/nothing", headers={"origin": "null", "sec-fetch-site": "same-origin"})
        framed = browser.post("/nothing", headers={"origin": "null", "sec-fetch-site": "cross-site"})

    assert own.status_code in (404, 405)
    assert framed.status_code == 403


def test_when_another_site_asks_then_no_answer_is_shared_with_it(served):
    with served.http(headers={"origin": EVIL}) as browser:
        plain = browser.get("/ping")
        preflight = browser.options("/ping", headers={"access-control-request-method": "POST"})

    assert "access-control-allow-origin" not in plain.headers
    assert "access-control-allow-origin" not in preflight.headers
    assert "content-security-policy" in preflight.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/_upload"),
        ("GET", "/_upload/x"),
        ("GET", "/_all_routes"),
        ("GET", "/auth-codespace"),
        ("GET", "/_event/?EIO=4&transport=polling"),
        ("POST", "/_event/?EIO=4&transport=polling"),
    ],
)
def test_when_a_side_door_of_the_framework_is_tried_then_there_is_nothing(served, method, path):
    with served.http() as browser:
        assert browser.request(method, path).status_code == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "", "localhost:1@evil.example", "[::ffff:10.0.0.1]", "10.0.0.1"]
)
def test_when_another_host_is_named_then_the_request_is_misdirected(served, host):
    with served.http() as browser:
        answer = browser.get("/brand.css", headers={"host": host})

    assert answer.status_code in (400, 421)
    assert "evil" not in answer.text + str(answer.headers)


def test_when_a_forwarded_host_is_named_then_it_says_nothing(served):
    with served.http() as browser:
        answer = browser.get("/nothing", headers={"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"})

    assert "evil" not in answer.text + str(answer.headers)


def test_when_a_monitor_asks_by_address_then_it_is_answered(served):
    with served.http() as browser:
        assert browser.get("/healthz", headers={"host": "10.1.2.3"}).json() == {"status": "ok"}


async def test_when_a_body_is_too_large_then_it_is_refused_whatever_it_says_about_itself(tmp_path):
    async def read_all(request):
        return PlainTextResponse(str(len(await request.body())))

    async def in_pieces(many):
        for _ in range(many):
            yield b"x" * 65_536

    routes = [
        Route("/webhooks/small", read_all, methods=["POST"]),
        Route("/webhooks/large", read_all, methods=["POST"]),
    ]
    pages = BuiltPages(tmp_path, lambda _path: None)
    app = Envelope(Starlette(routes=routes), pages, lambda _path: None, {"/webhooks/large": 2_000_000})
    transport = httpx.ASGITransport(app)

    async with httpx.AsyncClient(transport=transport, base_url=environment().base_url) as client:
        told = [await client.post("/webhooks/small", content=b"x" * size) for size in (1_000_000, 1_000_001)]
        untold = [await client.post("/webhooks/small", content=in_pieces(many)) for many in (15, 16)]
        larger = [await client.post("/webhooks/large", content=in_pieces(many)) for many in (16, 31)]

    assert [answer.status_code for answer in (*told, *untold, *larger)] == [200, 413] * 3


@pytest.mark.parametrize(
    "path", ["/..%2f..%2frxconfig.py", "/../rxconfig.py", "/assets/../../rxconfig.py", "/%2e%2e/%2e%2e/rxconfig.py"]
)
def test_when_a_path_climbs_then_it_arrives_nowhere(served, path):
    with served.http() as browser:
        assert "rx.Config" not in browser.get(path).text


def test_when_anything_is_answered_then_it_wears_every_header(served):
    with served.http() as browser:
        answers = [
            browser.get("/healthz"),
            browser.get("/readyz"),
            browser.get("/brand.css"),
            browser.get("/nothing"),
            browser.get("/_upload"),
            browser.post("/healthz"),
            browser.options("/healthz"),
            browser.post("/logout", headers={"origin": EVIL}),
            browser.get("/", headers={"host": "evil.example"}),
            browser.get("/_event/"),
        ]

    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff", answer.url
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["x-request-id"]
        assert answer.headers["cache-control"]
        assert "unsafe-eval" not in policy
        assert "'unsafe-inline'" not in _directive(policy, "script-src")
        assert _directive(policy, "object-src") == _directive(policy, "base-uri") == "'none'"
        assert _directive(policy, "frame-ancestors") == "'none'"
        assert _directive(policy, "form-action") == "'self'"


def _directive(policy: str, name: str) -> str:
    return re.search(rf"(?:^|; ){name} ([^;]+)", policy)[1]


def test_when_a_request_has_no_good_id_then_it_gets_one(served):
    with served.http() as browser:
        kept = browser.get("/healthz", headers={"x-request-id": "abcdef-123456"}).headers["x-request-id"]
        made = browser.get("/healthz", headers={"x-request-id": "a b\tc<script>"}).headers["x-request-id"]

    assert kept == "abcdef-123456"
    assert re.fullmatch(r"[0-9a-f]{16}", made)


async def test_when_a_route_breaks_then_the_visitor_reads_a_reference_and_nothing_else(tmp_path, caplog):
    async def breaks(_request):
        raise RuntimeError("secret detail")

    pages = BuiltPages(tmp_path, lambda _path: None)
    app = Envelope(Starlette(routes=[Route("/breaks", breaks)]), pages, lambda _path: None, {})
    transport = httpx.ASGITransport(app)

    async with httpx.AsyncClient(transport=transport, base_url=environment().base_url) as client:
        answer = await client.get("/breaks", headers={"x-request-id": "reference-1234", "accept-language": "de"})

    assert answer.status_code == 500
    assert "reference-1234" in answer.text
    assert "secret" not in answer.text
    assert answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert "reference-1234" in caplog.text
