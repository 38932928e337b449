"""What a merchant may say in each setting, and the sentence for what cannot be used."""

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Literal, get_args
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from portal_app.kit.errors import InvalidInput
from portal_app.kit.i18n import N_

Feature = Literal["subscription_cancel", "invoice_history", "payment_methods", "billing_details"]
Value = str | int | bool

FEATURES: tuple[Feature, ...] = get_args(Feature)
MAX_RADIUS = 12


def clean(name: str, value: Value) -> Value:
    """One choice in the form in which it is kept.

    Raises:
        InvalidInput: it cannot be used; `field` is `name` and the sentence says why.
    """
    rule = _RULES.get(name)
    if rule is None:
        raise InvalidInput(N_("There is no such setting."), field=name)
    try:
        return rule(value)
    except _Unusable as problem:
        raise InvalidInput(problem.sentence, field=name, **problem.holes) from None


class _Unusable(Exception):
    def __init__(self, sentence: str, **holes: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.holes = holes


# C0, C1, line and paragraph separators, and the marks that turn the reading direction of what follows: a name
# goes into mail headers and beside amounts.
_UNSEEN = re.compile("[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def _text(value: Value, limit: int) -> str:
    if not isinstance(value, str):
        raise _Unusable(N_("Type a text."))
    text = re.sub(" {2,}", " ", unicodedata.normalize("NFC", value).strip())
    if _UNSEEN.search(text):
        raise _Unusable(N_("This holds characters that cannot be shown. Type it instead of pasting it."))
    if len(text) > limit:
        raise _Unusable(N_("This is too long: {limit} characters fit."), limit=limit)
    return text


def _email(value: Value) -> str:
    text = _text(value, 254)
    if not text:
        return ""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise _Unusable(N_("Type an e-mail address, for example help@example.com.")) from None


def _url(value: Value) -> str:
    text = _text(value, 500)
    if not text:
        return ""
    wrong = _Unusable(N_("Type a full web address that begins with https://."))
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode()
        _ = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme != "https" or "@" in parts.netloc or not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host):
        raise wrong
    if re.search(r"[\s\\<>\"`{}|^]", text):
        raise wrong
    return text


def _phone(value: Value) -> str:
    text = _text(value, 40)
    if text and not (re.fullmatch(r"\+?[0-9 ()./-]+", text) and 3 <= sum(c.isdigit() for c in text) <= 15):
        raise _Unusable(N_("Type a phone number, for example +49 30 123456."))
    return text


def _colour(value: Value) -> str:
    text = value.strip().lower() if isinstance(value, str) else ""
    if re.fullmatch(r"#[0-9a-f]{3}", text):
        text = "#" + "".join(2 * digit for digit in text[1:])
    if not re.fullmatch(r"#[0-9a-f]{6}", text):
        raise _Unusable(N_("Type the colour as # and six digits, for example #00747e."))
    return text


def _radius(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_RADIUS:
        raise _Unusable(N_("Choose a number from 0 to {limit}."), limit=MAX_RADIUS)
    return value


def _picture_id(value: Value) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"|[0-9a-f]{32}", value):
        raise _Unusable(N_("Upload the picture again."))
    return value


def _switch(value: Value) -> bool:
    if not isinstance(value, bool):
        raise _Unusable(N_("Choose on or off."))
    return value


_RULES: dict[str, Callable[[Value], Value]] = {
    "business_name": partial(_text, limit=80),
    "support_email": _email,
    "support_url": _url,
    "support_phone": _phone,
    "terms_url": _url,
    "privacy_url": _url,
    "brand_colour": _colour,
    "radius": _radius,
    "logo_id": _picture_id,
    "logo_dark_id": _picture_id,
    **dict.fromkeys(FEATURES, _switch),
}
NAMES = tuple(_RULES)
