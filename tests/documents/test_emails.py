"""A mail says the same twice, in the merchant's look; what strangers call themselves changes nothing of it."""

import re
from dataclasses import fields
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from coloraide import Color
from hypothesis import given
from hypothesis import strategies as st

from portal_app.documents.emails import KINDS, Brand, Mail, message_of, render
from portal_app.documents.emails.letter import one_line
from portal_app.documents.emails.palette import shades_of

BRAND = Brand("Linnet", "#00747e", "https://billing.example.com/", support_email="help@linnet.example")
LINK = "https://billing.example.com/enter/" + "a" * 43
MOMENT = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
CONTEXTS: dict[str, dict] = {
    "sign_in_link": {"url": LINK, "code": "012345", "minutes": 15},
    "sign_in_unknown": {"email": "ada@example.com", "url": "https://billing.example.com/login"},
    "staff_sign_in": {"url": LINK, "code": "012345", "minutes": 15},
    "staff_sign_in_unknown": {"email": "ada@example.com", "url": "https://billing.example.com/admin/login"},
    "cancellation_confirmed": {
        "plan": "Pro",
        "number": "C-2026-0001",
        "received_at": MOMENT,
        "access_until": MOMENT,
        "undo_url": "https://billing.example.com/subscriptions/sub_1",
        "zone": "Europe/Berlin",
    },
    "cancellation_undone": {
        "plan": "Pro",
        "url": "https://billing.example.com/subscriptions/sub_1",
        "continues_at": MOMENT,
    },
}
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</mj-text></mj-column></mj-section><mj-raw><script>1</script></mj-raw>",
    "<mj-include path='/etc/passwd' />",
    "{{ 7*7 }}{% for x in y %}",
    "${7*7} {plan} {0.__class__}",
    "Pro\r\nBcc: eve@evil.example\r\n\r\nHello",
    "Pro\x00\x1b[31m",
    "]]>&lt;&amp;<!-- -->",
    "javascript:alert(1)",
    "\u202eorP",
    "💳 Pro 👩‍👧",
    "Ελλάδα Россия العربية 日本",
    "a" * 5000,
    "\ud800",
    "=?utf-8?B?QmNjOiBldmVAZXZpbC5leGFtcGxl?=",
]


class Read(HTMLParser):
    """What a mail program would show, link to and run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.links, self.sources, self.tags = [], [], [], []
        self._is_hidden = False
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self._is_hidden = tag in ("style", "title")
        self.links += [given["href"]] if given.get("href") else []
        self.sources += [given["src"]] if given.get("src") else []
        assert not [name for name in given if name.startswith("on")], given

    def handle_endtag(self, tag) -> None:
        self._is_hidden = False

    def handle_data(self, data) -> None:
        if not self._is_hidden:
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def a_mail(**given) -> Mail:
    rendered = render("sign_in_link", CONTEXTS["sign_in_link"], BRAND, "en")
    believable = {
        "message_id": "<em_1@linnet.example>",
        "sender": "billing@linnet.example",
        "business": "Linnet",
        "reply_to": "help@linnet.example",
        "recipient": "ada@example.com",
        "subject": rendered.subject,
        "text": rendered.text,
        "html": rendered.html,
        "created_at": MOMENT,
    }
    return Mail(**believable | given)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", ["en", "de"])
def test_each_kind_says_in_html_what_it_says_in_plain_text(kind, locale):
    rendered = render(kind, CONTEXTS[kind], BRAND, locale)

    shown = Read(rendered.html).words
    lines = [line.strip() for line in rendered.text.splitlines() if line.strip() and line.strip() != "--"]
    missing = [line for line in lines if " ".join(line.removesuffix(":").split()) not in shown and ": " not in line]
    assert not missing
    assert all(value in shown for line in lines if ": " in line for value in line.split(": ", 1))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_names_its_language_its_preview_and_both_colour_schemes(kind):
    html = render(kind, CONTEXTS[kind], BRAND, "de").html

    assert '<html lang="de"' in html
    assert 'name="color-scheme" content="light dark"' in html
    assert "prefers-color-scheme: dark" in html
    assert "max-height:0px" in html
    assert len(html.encode()) < 100_000  # Gmail cuts what is longer


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_links_to_the_portal_and_fetches_nothing(kind):
    rendered = render(kind, CONTEXTS[kind], BRAND, "en")

    read = Read(rendered.html)
    assert set(read.links) <= {*rendered.links, "mailto:help@linnet.example"}
    assert read.sources == []
    assert all(link in rendered.text for link in rendered.links)
    assert not {"script", "form", "iframe", "object", "link"} & set(read.tags)


def test_a_secret_kind_never_has_its_code_in_the_subject():
    for kind in [kind for kind in KINDS.values() if kind.is_secret]:
        rendered = render(kind.name, CONTEXTS[kind.name], BRAND, "en")
        assert rendered.code == "012345"
        assert "012345" not in rendered.subject


def test_given_a_logo_when_a_mail_is_drawn_then_it_stands_there_with_the_business_as_its_words():
    logo = "https://billing.example.com/pictures/abc.png"
    html = render(
        "sign_in_link", CONTEXTS["sign_in_link"], Brand("Linnet", "#00747e", "https://x.example/", logo), "en"
    ).html

    assert Read(html).sources == [logo]
    assert 'alt="Linnet"' in html


def test_when_a_context_lacks_something_or_knows_too_much_then_nothing_is_rendered():
    with pytest.raises(TypeError):
        render("sign_in_link", {"url": LINK}, BRAND, "en")
    with pytest.raises(TypeError):
        render("cancellation_undone", CONTEXTS["cancellation_undone"] | {"is_admin": True}, BRAND, "en")
    with pytest.raises(KeyError):
        render("no_such_kind", {}, BRAND, "en")


@pytest.mark.parametrize("name", HOSTILE)
def test_when_a_plan_has_a_hostile_name_then_it_is_shown_as_text(name):
    context = CONTEXTS["cancellation_confirmed"] | {"plan": name}

    rendered = render("cancellation_confirmed", context, BRAND, "en")

    read = Read(rendered.html)
    assert " ".join(str(one_line(name)).split()) in read.words
    assert str(one_line(name)) in rendered.text
    assert set(read.tags) == set(
        Read(render("cancellation_confirmed", CONTEXTS["cancellation_confirmed"], BRAND, "en").html).tags
    )
    assert not re.search(r"[\r\n\x00-\x1f]", rendered.subject)
    assert message_of(a_mail(subject=rendered.subject, text=rendered.text, html=rendered.html)).as_bytes()


@pytest.mark.parametrize("name", HOSTILE)
def test_when_the_business_has_a_hostile_name_then_the_envelope_stays_what_it_is(name):
    message = message_of(a_mail(business=str(one_line(name))[:200]))

    sent = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert [address.addr_spec for address in sent["From"].addresses] == ["billing@linnet.example"]
    assert [address.addr_spec for address in sent["To"].addresses] == ["ada@example.com"]
    assert sent["Bcc"] is None
    assert sent["Cc"] is None


@pytest.mark.parametrize(
    "recipient",
    [
        "ada@example.com, eve@evil.example",
        "ada@example.com; eve@evil.example",
        "ada@example.com eve@evil.example",
        "ada@example.com\r\nBcc: eve@evil.example",
        "ada@example.com\nTo: eve@evil.example",
        "Ada <ada@example.com>",
        "<ada@example.com>, <eve@evil.example>",
        "group: ada@example.com, eve@evil.example;",
        "ada@example.com,",
        "",
        "ada",
        "@example.com",
        "ada\x00@example.com",
    ],
)
def test_when_it_is_not_exactly_one_address_then_there_is_no_envelope(recipient):
    with pytest.raises(ValueError):
        message_of(a_mail(recipient=recipient))


@pytest.mark.parametrize("recipient", ["áda@example.com", "ä,b@example.com", "日本@example.com"])
def test_given_letters_outside_of_ascii_before_the_at_when_a_mail_is_made_then_it_still_goes_to_one(recipient):
    sent = message_from_bytes(message_of(a_mail(recipient=recipient)).as_bytes(), policy=policy.SMTPUTF8)

    assert len(sent["To"].addresses) == 1


@pytest.mark.parametrize("header", ["subject", "message_id", "sender", "reply_to", "business"])
def test_when_a_header_would_break_in_two_then_there_is_no_envelope(header):
    with pytest.raises(ValueError):
        message_of(a_mail(**{header: "x@y.example\r\nBcc: eve@evil.example"}))


def test_a_message_has_everything_that_a_mailbox_wants():
    message = message_of(a_mail())

    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert {"From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted"} <= set(message.keys())
    assert all(len(line) <= 998 for line in message.as_bytes().split(b"\r\n"))
    assert message["Date"].datetime == MOMENT


@given(st.text())
def test_whatever_a_text_holds_it_becomes_one_line(text):
    line = str(one_line(text))

    assert len(line.splitlines()) <= 1
    assert line == line.strip()


@given(plan=st.text(), business=st.text())
def test_whatever_plan_and_business_are_called_a_mail_can_be_drawn(plan, business):
    context = CONTEXTS["cancellation_undone"] | {"plan": plan}

    rendered = render("cancellation_undone", context, Brand(business, "#00747e", "https://x.example/"), "en")

    assert " ".join(str(one_line(plan)).split()) in Read(rendered.html).words


@given(st.integers(0, 0xFFFFFF))
def test_whatever_the_brands_colour_a_mail_can_be_read(number):
    for shades in shades_of(f"#{number:06x}"):
        pairs = [
            (shades.text, shades.page),
            (shades.text, shades.surface),
            (shades.text, shades.sunken),
            (shades.quiet, shades.page),
            (shades.quiet, shades.surface),
            (shades.on_fill, shades.fill),
            (shades.link, shades.surface),
        ]
        assert [pair for pair in pairs if Color(pair[0]).contrast(Color(pair[1])) < 4.5] == []


def test_every_kind_has_a_context_in_this_file():
    assert set(CONTEXTS) == set(KINDS)
    for kind in KINDS.values():
        required = {f.name for f in fields(kind.context)}
        assert set(CONTEXTS[kind.name]) <= required
