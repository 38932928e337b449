"""What the envelope believes of a request, and what it does not."""

import pytest

from portal_app.environment import environment
from portal_app.http.incoming import Incoming


def _incoming(kind: str = "http", peer: str = "10.0.0.9", method: str = "GET", **headers: str) -> Incoming:
    named = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Incoming.read(
        {"type": kind, "path": "/", "query_string": b"", "method": method, "headers": named, "client": (peer, 1)}
    )


@pytest.fixture
def deployed(monkeypatch):
    """Settings of a deployment, as the process would read them."""

    def deploy(**settings: str) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        environment.cache_clear()

    yield deploy
    monkeypatch.undo()
    environment.cache_clear()


@pytest.mark.parametrize(
    ("hops", "forwarded", "network"),
    [
        ("0", "1.1.1.1", "10.0.0.9"),
        ("0", "", "10.0.0.9"),
        ("1", "1.1.1.1", "1.1.1.1"),
        ("1", "6.6.6.6, 7.7.7.7, 1.1.1.1", "1.1.1.1"),
        ("2", "6.6.6.6, 1.1.1.1, 10.0.0.8", "1.1.1.1"),
        ("2", "1.1.1.1", "10.0.0.9"),
        ("1", "garbage", "10.0.0.9"),
        ("1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("1", "[2001:db8:1:2::ffff]:443", "2001:db8:1:2::/64"),
        ("1", "::ffff:1.1.1.1", "1.1.1.1"),
    ],
)
def test_when_a_request_comes_through_proxies_then_only_ours_are_believed(deployed, hops, forwarded, network):
    deployed(PORTAL_TRUSTED_PROXY_HOPS=hops)

    assert _incoming(x_forwarded_for=forwarded).network == network


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("billing.example.com", True),
        ("billing.example.com:443", True),
        ("BILLING.example.com", True),
        ("billing.example.com.", True),
        ("billing.example.com:8443", False),
        ("billing.example.com.evil.example", False),
        ("evil.example", False),
        ("localhost", False),
        ("127.0.0.1:443", False),
        ("", False),
    ],
)
def test_given_a_served_portal_when_a_host_is_named_then_only_its_own_counts(deployed, host, is_own):
    deployed(PORTAL_BASE_URL="https://billing.example.com")

    assert _incoming(host=host).has_own_host() is is_own


@pytest.mark.parametrize("host", ["localhost:3000", "127.0.0.1:3000", "[::1]:3000"])
def test_given_a_demo_when_it_is_opened_by_any_name_of_this_machine_then_it_answers(deployed, host):
    deployed(PORTAL_BASE_URL="http://localhost:3000", PORTAL_MODE="demo")

    assert _incoming(host=host).has_own_host()
    assert _incoming(host=host, origin=f"http://{host}", method="POST").has_own_origin()


def test_given_a_demo_when_another_program_of_this_machine_posts_then_it_is_foreign(deployed):
    deployed(PORTAL_BASE_URL="http://localhost:3000", PORTAL_MODE="demo")

    assert not _incoming(origin="http://localhost:8080", method="POST").has_own_origin()
    assert not _incoming("websocket", origin="http://localhost:8080").has_own_origin()


@pytest.mark.parametrize(
    ("cookie", "accepted", "locale"),
    [
        ("", "", "en"),
        ("", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("", "fr;q=0.9,de;q=0.5,en;q=0.7", "en"),
        ("", "xx,;;q=,de;q=x,de;q=0.1", "de"),
        ("locale=de", "en", "de"),
        ("locale=xx", "de", "de"),
        ("locale=../../x; locale=de", "", "de"),
    ],
)
def test_when_a_browser_prefers_languages_then_the_first_that_we_speak_is_spoken(cookie, accepted, locale):
    assert _incoming(cookie=cookie, accept_language=accepted).locale == locale


def test_when_a_request_is_passed_on_then_neither_cookie_nor_claims_of_a_proxy_go_along():
    name = environment().cookie_name
    incoming = _incoming(
        cookie=f"{name}=secret; {name}-link=kept; a=b",
        x_auth_request_access_token="session_id=ses_1",
        x_forwarded_for="1.1.1.1",
        x_forwarded_host="evil.example",
        reflex_client_token="x",
        x_http_method_override="DELETE",
        accept="text/html",
        host="evil.example",
    )

    kept = {name.decode(): value.decode() for name, value in incoming.kept_headers()}

    assert "secret" not in str(kept)
    assert kept["cookie"] == f"{name}-link=kept; a=b"
    assert set(kept) == {"cookie", "accept", "host", "x-request-id"}
    assert "evil" not in kept["host"]


def test_when_a_handshake_is_passed_on_then_it_carries_what_the_protocol_needs_and_no_more():
    incoming = _incoming(
        "websocket",
        cookie="a=b",
        upgrade="websocket",
        sec_websocket_key="x",
        x_internal_route="y",
        via="1.1 proxy.internal",
        origin="http://127.0.0.1:3000",
    )

    kept = {name.decode(): value.decode() for name, value in incoming.kept_headers()}

    assert set(kept) == {"upgrade", "sec-websocket-key", "host", "origin", "x-request-id"}
    assert kept["origin"] == environment().origin
