"""Where a sign-in may lead: our own pages by their shapes, never an address that somebody wrote into a link."""

import re
from typing import Literal

Audience = Literal["customer", "staff"]

HOME: dict[Audience, str] = {"customer": "/", "staff": "/admin"}

_LONGEST = 512
_ID = r"[A-Za-z0-9_]{1,64}"
_NAME = r"[a-z]{1,24}(?:-[a-z]{1,24}){0,4}"
# Letters, digits and what separates names from values; nothing that could start an address or end a header.
_QUERY = r"(?:\?[A-Za-z0-9_.=&-]{1,200})?"

_CUSTOMER = (
    r"/",
    rf"/(?:subscriptions|invoices|orders|help)(?:/{_ID}(?:/{_NAME})?)?",
    r"/payment-methods(?:/new)?",
    r"/(?:downloads|profile|notifications)",
    rf"/go/{_NAME}(?:/{_ID})?",
    rf"/files/{_NAME}/{_ID}",
)
_STAFF = (rf"/admin(?:/{_NAME}(?:/(?:{_ID}|{_NAME}))?)?",)

_SHAPES: dict[Audience, re.Pattern[str]] = {
    "customer": re.compile(rf"(?:{'|'.join(_CUSTOMER)}){_QUERY}", re.ASCII),
    "staff": re.compile(rf"(?:{'|'.join(_STAFF)}){_QUERY}", re.ASCII),
}
_DOORS = re.compile(r"/admin/login(?:/.*)?(?:\?.*)?")


def own_path(wanted: str, audience: Audience = "customer") -> str:
    """`wanted` if it is one of this audience's own pages, else where that audience starts."""
    if len(wanted) <= _LONGEST and _SHAPES[audience].fullmatch(wanted) and not _DOORS.fullmatch(wanted):
        return wanted
    return HOME[audience]
