"""What the settings page shows, made of a draft in the words of the person who edits it."""

from dataclasses import dataclass
from decimal import Decimal

from portal_app.kit.brand import Fill, fills, tone_of
from portal_app.kit.errors import InvalidInput
from portal_app.kit.numbers import say_number
from portal_app.services.configuration_rules import clean
from portal_app.services.overview import Count, Publication
from portal_app.services.pictures import address_of
from portal_app.state.merchant_draft import Draft
from portal_app.state.speech import Speech


@dataclass(frozen=True)
class SettingsForm:
    """The settings: published, with this person's changes on top."""

    business_name: str = ""
    support_email: str = ""
    support_url: str = ""
    support_phone: str = ""
    terms_url: str = ""
    privacy_url: str = ""
    brand_colour: str = ""
    radius: str = ""
    logo_url: str = ""
    logo_dark_url: str = ""
    subscription_cancel: bool = True
    invoice_history: bool = True
    payment_methods: bool = True
    billing_details: bool = True


@dataclass(frozen=True)
class Look:
    """How buttons come out in the chosen colour, in light and in dark; the last usable one while one is typed."""

    chosen: str = ""
    light: str = ""
    light_ratio: str = ""
    dark: str = ""
    dark_ratio: str = ""
    hue: str = ""
    chroma: str = ""
    is_ink: bool = False


def form_of(draft: Draft) -> SettingsForm:
    """The fields of the page."""
    values = draft.values
    logo, dark = str(values.pop("logo_id")), str(values.pop("logo_dark_id"))
    values["radius"] = str(values["radius"])
    return SettingsForm(**values, logo_url=address_of(logo), logo_dark_url=address_of(dark))  # type: ignore[arg-type]


def look_of(draft: Draft, say: Speech) -> Look | None:
    """The tones that the chosen colour becomes; None while it is no colour."""
    try:
        colour = str(clean("brand_colour", draft.values["brand_colour"]))
    except InvalidInput:
        return None
    (light, dark), tone = fills(colour), tone_of(colour)
    return Look(
        chosen=colour,
        light=light.colour,
        light_ratio=_ratio(light, say),
        dark=dark.colour,
        dark_ratio=_ratio(dark, say),
        hue=f"{tone.hue:g}",
        chroma="0" if tone.is_ink else f"{tone.chroma:g}",
        is_ink=tone.is_ink,
    )


def _ratio(fill: Fill, say: Speech) -> str:
    return say_number(Decimal(str(fill.ratio)), say.locale)


def published_line(found: Publication, say: Speech) -> str:
    """Which version customers see, since when and by whom."""
    _, made = say.words, found.configuration
    if made.published_at is None:
        return _("Nothing is published yet. Customers see a neutral portal that offers everything.")
    holes = {"version": made.version, "time": say.time(made.published_at)}
    if not found.author:
        return _("Version {version}, published {time}", **holes)
    return _("Version {version}, published {time} by {author}", **holes, author=found.author)


def count_line(count: Count, say: Speech) -> str:
    """A count in words: "8,214", "more than 100,000"."""
    number = say_number(Decimal(count.number), say.locale)
    return say.words("more than {number}", number=number) if count.is_more else number
