"""Each setting takes what it can use, in one form, and says why it cannot use the rest."""

import pytest

from portal_app.kit.errors import InvalidInput
from portal_app.services.configuration_rules import FEATURES, clean

GOOD = [
    ("business_name", "  Linnet   &  Söhne ", "Linnet & Söhne"),
    ("business_name", "", ""),
    ("business_name", "Cafe\u0301", "Café"),
    ("business_name", "شركة", "شركة"),
    ("business_name", "x" * 80, "x" * 80),
    ("support_email", " Help@Example.COM ", "Help@example.com"),
    ("support_email", "", ""),
    ("support_url", "https://help.example.com/a?b=c#d", "https://help.example.com/a?b=c#d"),
    ("support_url", "https://bücher.example/hilfe", "https://bücher.example/hilfe"),
    ("terms_url", "https://example.com:8443/terms", "https://example.com:8443/terms"),
    ("privacy_url", "", ""),
    ("support_phone", "+49 (0)30 123-456", "+49 (0)30 123-456"),
    ("support_phone", "112", "112"),
    ("brand_colour", "#0F8", "#00ff88"),
    ("brand_colour", " #Ff5A1f ", "#ff5a1f"),
    ("radius", 0, 0),
    ("radius", 12, 12),
    ("logo_id", "", ""),
    ("logo_dark_id", "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
    *[(name, value, value) for name in FEATURES for value in (True, False)],
]

BAD = [
    ("business_name", "x" * 81),
    ("business_name", "Linnet\r\nBcc: ada@example.com"),
    ("business_name", "Lin\u202enet"),
    ("business_name", "Lin\x00net"),
    ("business_name", "Lin\ud800net"),
    ("business_name", 7),
    ("business_name", True),
    ("support_email", "help"),
    ("support_email", "help@example.com\nBcc: ada@example.com"),
    ("support_email", "a@example.com, b@example.com"),
    ("support_email", "Help <help@example.com>"),
    ("support_email", "x" * 250 + "@example.com"),
    *[
        (name, value)
        for name in ("support_url", "terms_url", "privacy_url")
        for value in (
            "http://example.com",
            "example.com",
            "//example.com",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)//https://example.com",
            "data:text/html,x",
            "https://",
            "https:///path",
            "https://localhost",
            "https://user:secret@example.com",
            "https://example.com@evil.example",
            "https://example.com\\@evil.example",
            "https://exa mple.com",
            "https://example.com/<script>",
            'https://example.com/"onclick',
            "https://example.com:99999",
            "https://[::1]/",
            "https://example.com/" + "x" * 500,
            "https://-.com\x00",
            7,
        )
    ],
    ("support_phone", "call me"),
    ("support_phone", "+49<script>"),
    ("support_phone", "12"),
    ("support_phone", "1" * 16),
    ("brand_colour", ""),
    ("brand_colour", "red"),
    ("brand_colour", "#12345"),
    ("brand_colour", "#gggggg"),
    ("brand_colour", "#00747e;}body{display:none"),
    ("brand_colour", "#00747e\n"[:-1] + "\u0000"),
    ("brand_colour", 0),
    ("radius", 13),
    ("radius", -1),
    ("radius", True),
    ("radius", "8"),
    ("radius", 8.0),
    ("logo_id", "../../etc/passwd"),
    ("logo_id", "0" * 31),
    ("logo_id", "A" * 32),
    ("logo_dark_id", 0),
    *[(name, value) for name in FEATURES for value in (1, 0, "true", "", None)],
    ("version", 3),
    ("published_by", "staff_sam"),
    ("features", True),
    ("nonsense", "x"),
]


@pytest.mark.parametrize(("name", "typed", "kept"), GOOD)
def test_when_a_setting_is_typed_then_it_is_kept_in_one_form(name, typed, kept):
    assert clean(name, typed) == kept
    assert clean(name, kept) == kept


@pytest.mark.parametrize(("name", "typed"), BAD)
def test_when_a_setting_cannot_be_used_then_its_field_and_a_sentence_are_named(name, typed):
    with pytest.raises(InvalidInput) as refused:
        clean(name, typed)

    assert refused.value.field == name
    assert refused.value.code == "invalid_input"
    assert refused.value.text.format(**refused.value.holes)
