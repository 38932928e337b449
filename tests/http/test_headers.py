"""The content policy follows the built pages, and what may be kept follows what it is."""

import base64
import hashlib

import pytest

from portal_app.environment import environment
from portal_app.http.headers import BuiltPages, fixed_headers, script_hashes

SCRIPT = "window.x = 1 < 2 && '&amp;';\n"
AUDIENCES = {"/": "customer", "/login": "public", "/admin": "staff", "/subscriptions/sub_1": "customer"}


@pytest.fixture
def pages(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "login").mkdir()
    (tmp_path / "index.html").write_text(f"<script>{SCRIPT}</script><script src='/assets/a.js'></script>")
    (tmp_path / "login" / "index.html").write_text("<p>no script</p>")
    (tmp_path / "404.html").write_text("<script>lost()</script>")
    (tmp_path / "assets" / "entry-3f2a.js").write_text("x")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    (tmp_path / "inter.2c295d99.woff2").write_text("x")
    (tmp_path / "inter.2c295d99.woff2.br").write_text("x")
    return BuiltPages(tmp_path, AUDIENCES.get)


def _hash(script: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"


def test_when_a_page_has_inline_scripts_then_exactly_these_may_run(pages):
    assert _hash(SCRIPT) in pages.policy("/")
    assert _hash("lost()") not in pages.policy("/")
    assert "sha256" not in pages.policy("/login")


def test_when_an_address_has_no_file_then_the_fallback_page_may_run(pages):
    assert _hash("lost()") in pages.policy("/subscriptions/sub_1")
    assert _hash("lost()") in pages.policy("/nowhere")


def test_when_scripts_are_hashed_then_their_text_counts_byte_for_byte():
    assert script_hashes(f"<script type='module'>{SCRIPT}</script>") == [_hash(SCRIPT)]
    assert script_hashes("<script src=x></script><style>a{}</style><script async src='y'>z</script>") == []


def test_when_a_page_is_a_customers_then_it_may_show_card_fields_and_no_other_page_may(pages):
    assert "script-src 'self' " in pages.policy("/")
    assert "https://js.stripe.com" in pages.policy("/")
    assert "frame-src https://js.stripe.com https://hooks.stripe.com" in pages.policy("/")
    assert "https://api.stripe.com" in pages.policy("/subscriptions/sub_1")
    for path in ("/login", "/admin", "/nowhere"):
        assert "stripe" not in pages.policy(path)
        assert "frame-src 'none'" in pages.policy(path)


def test_given_a_sandbox_when_card_fields_are_shown_then_they_come_from_there(pages, monkeypatch):
    monkeypatch.setenv("STRIPE_API_BASE", "http://127.0.0.1:12111/v1")
    environment.cache_clear()

    assert "frame-src http://127.0.0.1:12111;" in pages.policy("/")
    assert "stripe.com" not in pages.policy("/")

    monkeypatch.undo()
    environment.cache_clear()


@pytest.mark.parametrize(
    ("path", "status", "expected"),
    [
        ("/assets/entry-3f2a.js", 200, "public, max-age=31536000, immutable"),
        ("/assets/entry-3f2a.js", 404, "no-cache"),
        ("/assets/gone-1234.js", 404, "no-store"),
        ("/inter.2c295d99.woff2", 200, "public, max-age=31536000, immutable"),
        ("/favicon.svg", 200, "no-cache"),
        ("/login", 200, "no-cache"),
        ("/", 200, "no-store"),
        ("/admin", 200, "no-store"),
        ("/files/invoices/in_1.pdf", 200, "no-store"),
    ],
)
def test_when_something_is_answered_then_only_what_never_changes_is_kept(pages, path, status, expected):
    told = dict(pages.caching(path, status))

    assert told[b"cache-control"].decode() == expected
    assert (b"vary" in told) is (expected == "no-store")


def test_when_a_page_lies_in_a_folder_then_it_is_found_without_a_slash(pages):
    assert pages.is_folder("/login")
    assert not pages.is_folder("/subscriptions")
    assert pages.is_asset("/favicon.svg")
    assert not pages.is_asset("/index.html")
    assert not pages.is_asset("/inter.2c295d99.woff2.br")


def test_given_https_when_anything_is_answered_then_the_browser_keeps_to_it_and_the_cookie_is_bound_to_the_host(
    pages, monkeypatch
):
    monkeypatch.setenv("PORTAL_BASE_URL", "https://billing.example.com")
    environment.cache_clear()

    assert dict(fixed_headers())[b"strict-transport-security"].startswith(b"max-age=31536000")
    assert "wss://billing.example.com" in pages.policy("/")
    assert environment().cookie_name == "__Host-portal"

    monkeypatch.undo()
    environment.cache_clear()
