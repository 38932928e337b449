"""What a member of staff has changed and not published: kept beside what is published, and carried over it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal_app.kit.errors import InvalidInput
from portal_app.kit.i18n import N_, Words
from portal_app.services import configuration
from portal_app.services.configuration import FEATURES, NAMES, Configuration, Value, clean

LABELS = {
    "business_name": N_("Business name"),
    "support_email": N_("Support address"),
    "support_url": N_("Help page"),
    "support_phone": N_("Support phone"),
    "terms_url": N_("Terms"),
    "privacy_url": N_("Privacy policy"),
    "brand_colour": N_("Colour"),
    "radius": N_("Corners"),
    "logo_id": N_("Logo"),
    "logo_dark_id": N_("Logo for dark pages"),
    "subscription_cancel": N_("Cancel subscriptions"),
    "invoice_history": N_("Invoices"),
    "payment_methods": N_("Payment methods"),
    "billing_details": N_("Billing details"),
}
_PICTURES = ("logo_id", "logo_dark_id")


@dataclass(frozen=True)
class Draft:
    """Changes on top of a published version.

    Attributes:
        overtaken: names changed here that somebody else published a new value for meanwhile.
    """

    published: Configuration = field(default_factory=configuration.default)
    edits: Mapping[str, Value] = field(default_factory=dict)
    overtaken: frozenset[str] = frozenset()

    @property
    def values(self) -> dict[str, Value]:
        """What the editor shows: the changes, and what is published where there is none."""
        return {**configuration.values_of(self.published), **self.edits}

    def edited(self, name: str, value: Value) -> "Draft":
        """With one value as it was typed; typing what is published already is no change."""
        edits = {**self.edits, name: value}
        if _is_same(name, value, configuration.values_of(self.published)[name]):
            del edits[name]
        return Draft(self.published, edits, self.overtaken & edits.keys())

    def undone(self, name: str) -> "Draft":
        """With what is published in place of one change."""
        return self.edited(name, configuration.values_of(self.published)[name])

    def onto(self, newest: Configuration) -> "Draft":
        """The same changes on top of what somebody else has published since."""
        theirs = configuration.differences(self.published, newest)
        moved = Draft(newest)
        for name, value in self.edits.items():
            moved = moved.edited(name, value)
        overtaken = (self.overtaken | theirs.keys()) & moved.edits.keys()
        return Draft(newest, moved.edits, overtaken)

    def problem(self, name: str) -> InvalidInput | None:
        """Why the value of `name` could not be published."""
        try:
            clean(name, self.values[name])
        except InvalidInput as refusal:
            return refusal
        return None

    def problems(self) -> dict[str, InvalidInput]:
        """Every change that could not be published, by name."""
        return {name: refusal for name in self.edits if (refusal := self.problem(name))}


def _is_same(name: str, typed: Value, published: Value) -> bool:
    try:
        return clean(name, typed) == published
    except InvalidInput:
        return typed == published


@dataclass(frozen=True)
class ChangeRow:
    """One change in words."""

    name: str
    label: str
    published: str
    mine: str
    is_overtaken: bool


def change_rows(draft: Draft, say: Words) -> list[ChangeRow]:
    """Every change, the disputed ones first: what customers see now, and what they would see."""
    published = configuration.values_of(draft.published)
    made = [
        ChangeRow(
            name=name,
            label=say(LABELS[name]),
            published=_in_words(name, published[name], say),
            mine=_in_words(name, draft.edits[name], say),
            is_overtaken=name in draft.overtaken,
        )
        for name in NAMES
        if name in draft.edits
    ]
    return sorted(made, key=lambda row: not row.is_overtaken)


def _in_words(name: str, value: Value, say: Words) -> str:
    if name in FEATURES:
        return say("On") if value else say("Off")
    if name == "radius":
        return say("{n} pixels", n=value)
    if name in _PICTURES:
        return say("A picture") if value else say("None")
    return str(value) or say("Empty")
