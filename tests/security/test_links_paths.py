"""Where a sign-in may lead, and which addresses mean one mailbox or one network."""

import pytest

from portal_app.kit.errors import InvalidInput
from portal_app.security.addresses import clean_email, client_network, mailbox_key, mask_email, wire_email
from portal_app.security.return_paths import own_path

OWN = [
    "/",
    "/subscriptions",
    "/subscriptions/sub_1QxYz",
    "/subscriptions/sub_1QxYz/cancel",
    "/invoices?status=open&year=2026",
    "/invoices/in_000001",
    "/payment-methods",
    "/payment-methods/new",
    "/profile",
    "/go/pay/in_1",
    "/go/card",
    "/files/invoices/in_1",
]

FOREIGN = [
    "",
    "//evil.example",
    "///evil.example",
    "////evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "https://evil.example",
    "HTTPS://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "blob:https://evil.example/1",
    "@evil.example",
    "/@evil.example",
    "user@evil.example",
    "https://portal.example@evil.example",
    ".evil.example",
    "..",
    "/..",
    "/../admin",
    "/invoices/..",
    "/invoices/../../etc",
    "/invoices/%2e%2e",
    "/%2e%2e/",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "/invoices%0d%0aLocation:%20https://evil.example",
    "/invoices\r\nLocation: https://evil.example",
    "/invoices\n",
    "\n/invoices",
    "/invoices\x00",
    "\x00/invoices",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "/\u2028/evil.example",
    "/\u3002evil.example",
    "/\uff0fevil.example",
    "/\u2215\u2215evil.example",
    "\uff0f\uff0fevil.example",
    "/invoices/in_\u0661",
    "/invoices//evil.example",
    "/invoices/in_1//evil.example",
    "/invoices?next=//evil.example",
    "/invoices?next=https:evil",
    "/invoices?a=<script>",
    "/invoices#//evil.example",
    "/invoices#x",
    "/invoices;x",
    "/invoices/" + "a" * 65,
    "/invoices?" + "a" * 600,
    "/" + "a" * 5000,
    "/auth/logout",
    "/enter",
    "/enter/token",
    "/login",
    "/login?next=/login",
    "/login/account",
    "/webhooks/stripe",
    "/demo/enter",
    "/embed",
    "/_event",
    "/_upload",
    "/v1/billing_portal/sessions",
    "/admin",
    "/admin/settings",
    "/unknown",
    "/Invoices",
    "invoices",
    "?next=/",
    "#",
    "/?",
    "\ud800",
]


@pytest.mark.parametrize("wanted", OWN)
def test_when_a_customer_wants_one_of_our_pages_then_the_sign_in_leads_there(wanted):
    assert own_path(wanted) == wanted


@pytest.mark.parametrize("wanted", FOREIGN)
def test_when_anything_else_is_wanted_then_the_sign_in_leads_home(wanted):
    assert own_path(wanted) == "/"


@pytest.mark.parametrize("wanted", ["/admin", "/admin/settings", "/admin/customers/cus_1", "/admin/settings/portal"])
def test_when_staff_want_a_page_of_theirs_then_the_sign_in_leads_there(wanted):
    assert own_path(wanted, "staff") == wanted


@pytest.mark.parametrize(
    "wanted", ["/", "/invoices", "/admin/login", "/admin/login/sent", "/administrator", "/admin//x", "/admin/../x"]
)
def test_when_staff_want_something_else_then_the_sign_in_leads_to_their_start(wanted):
    assert own_path(wanted, "staff") == "/admin"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("  ada@example.com\n", "ada@example.com"),
        ("ada@example.com\u2028", "ada@example.com"),
        ("ada+x@example.com", "ada+x@example.com"),
        ("ADA@MÜNCHEN.DE", "ada@münchen.de"),
        ("ada@xn--mnchen-3ya.de", "ada@münchen.de"),
        ("a\u0301da@example.com", "\u00e1da@example.com"),
        ("ada@exampl\u212a.com", "ada@examplk.com"),
    ],
)
def test_when_an_address_is_typed_then_one_spelling_is_kept(typed, kept):
    assert clean_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "ada@localhost",
        "ada@127.0.0.1",
        "ada@[127.0.0.1]",
        "ada@@example.com",
        "ada@example.com, bea@example.com",
        "ada@example.com;bea@example.com",
        "Ada <ada@example.com>",
        "<ada@example.com>",
        '"ada"@example.com',
        '"ada@evil.example"@example.com',
        "ada@example.com\r\nBcc: bea@example.com",
        "ada\r\n@example.com",
        "ada\x00@example.com",
        "ada@exam\x00ple.com",
        "ada\u202e@example.com",
        "a" * 65 + "@example.com",
        "ada@" + "a" * 250 + ".com",
        "a" * 100_000,
        "\ud800@example.com",
        "ada@-example.com",
        "ada..x@example.com",
        ".ada@example.com",
        "ada@example..com",
        "mailto:ada@example.com?bcc=x@example.com",
    ],
)
def test_when_it_is_not_one_plain_address_then_it_is_refused(typed):
    with pytest.raises(InvalidInput) as refusal:
        clean_email(typed)
    assert refusal.value.field == "email"


def test_when_letters_of_other_scripts_look_like_ada_then_they_are_somebody_else():
    lookalikes = ["\u0430da@example.com", "ad\u0430@example.com", "\u017fada@example.com", "\u0131da@example.com"]

    assert all(clean_email(typed) != "ada@example.com" for typed in lookalikes)
    assert clean_email("\u0130da@example.com") != "ida@example.com"


@pytest.mark.parametrize(
    "spelling",
    ["ada@gmail.com", "ada+1@gmail.com", "a.d.a@gmail.com", "A.D.A+x+y@googlemail.com", "a.da+@gmail.com"],
)
def test_when_a_mailbox_is_spelled_in_several_ways_then_the_limit_counts_it_as_one(spelling):
    assert mailbox_key(clean_email(spelling)) == "ada@gmail.com"


def test_when_mailboxes_differ_then_the_limit_counts_them_apart():
    assert mailbox_key("a.da@example.com") != mailbox_key("ada@example.com")
    assert mailbox_key("+x@example.com") == "+x@example.com"


def test_a_masked_address_shows_its_first_letter_and_its_domain():
    assert mask_email("ada@example.com") == "a•••@example.com"
    assert mask_email("x@example.com") == "x•••@example.com"


def test_a_domain_outside_of_ascii_travels_in_its_ascii_form():
    assert wire_email("ada@münchen.de") == "ada@xn--mnchen-3ya.de"
    assert wire_email("ada@example.com") == "ada@example.com"


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "hops", "network"),
    [
        ("203.0.113.5", "", 0, "203.0.113.5"),
        ("203.0.113.5", "1.2.3.4", 0, "203.0.113.5"),
        ("10.0.0.1", "1.2.3.4", 1, "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", 1, "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", 2, "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6", 2, "10.0.0.1"),
        ("10.0.0.1", "garbage", 1, "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4:5678", 1, "1.2.3.4"),
        ("10.0.0.1", "[2001:db8::1]:443", 1, "2001:db8::/64"),
        ("2001:db8:0:1:aaaa::1", "", 0, "2001:db8:0:1::/64"),
        ("2001:db8:0:1:bbbb::9", "", 0, "2001:db8:0:1::/64"),
        ("2001:db8:0:2::1", "", 0, "2001:db8:0:2::/64"),
        ("::ffff:203.0.113.5", "", 0, "203.0.113.5"),
        ("fe80::1%eth0", "", 0, "fe80::/64"),
        ("", "", 0, "unknown"),
        ("unix:", "", 1, "unknown"),
    ],
)
def test_a_network_is_what_our_own_proxies_saw(peer, forwarded_for, hops, network):
    assert client_network(peer, forwarded_for, hops) == network
