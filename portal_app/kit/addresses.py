"""Stripe's addresses as lines for a page, a mail or a document."""

from collections.abc import Mapping

from portal_app.kit.locales import number_locale

# Where the town comes before its state and code: "San Francisco, CA 94103".
_TOWN_FIRST = frozenset({"US", "CA", "AU"})


def address_lines(address: Mapping | None, locale: str) -> tuple[str, ...]:
    """The lines of an address, its country last and in words; what is not given leaves no gap."""
    if not address:
        return ()
    code, country = address.get("postal_code") or "", (address.get("country") or "").upper()
    town, state = address.get("city") or "", address.get("state") or ""
    if country in _TOWN_FIRST:
        town_lines = (", ".join(part for part in (town, f"{state} {code}".strip()) if part),)
    else:
        town_lines = (f"{code} {town}".strip(), state)
    country_name = number_locale(locale).territories.get(country, country)
    lines = (address.get("line1"), address.get("line2"), *town_lines, country_name)
    return tuple(line for line in lines if line)
