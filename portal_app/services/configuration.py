"""The merchant's choices as numbered versions: pages show, and every refusal obeys, the newest published one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from portal_app.kit import bus
from portal_app.kit.clock import now
from portal_app.kit.errors import Conflict, InvalidInput, NotAllowed
from portal_app.kit.i18n import N_
from portal_app.models.portal import Picture, PortalConfiguration
from portal_app.security.policy import may_write
from portal_app.services import audit
from portal_app.services.configuration_rules import FEATURES, NAMES, Feature, Value, clean
from portal_app.services.desk import Desk

__all__ = [
    "FEATURES",
    "NAMES",
    "Configuration",
    "Feature",
    "Features",
    "Value",
    "clean",
    "current",
    "default",
    "differences",
    "publish",
    "require",
    "values_of",
]

# Stored beside the values; it rises when a stored name changes its meaning, so that old versions can be translated.
SCHEMA = 1
_versions = PortalConfiguration.__table__  # type: ignore[attr-defined]
_pictures = Picture.__table__  # type: ignore[attr-defined]
_newest = select(_versions).order_by(_versions.c.version.desc()).limit(1)


@dataclass(frozen=True)
class Features:
    """What customers may see and do here; Stripe's words where its portal configuration has one."""

    subscription_cancel: bool = True
    invoice_history: bool = True
    payment_methods: bool = True
    billing_details: bool = True


@dataclass(frozen=True)
class Configuration:
    """One published version. Every text may be empty: a new portal is neutral until its merchant speaks."""

    business_name: str = ""
    support_email: str = ""
    support_url: str = ""
    support_phone: str = ""
    terms_url: str = ""
    privacy_url: str = ""
    brand_colour: str = "#00747e"  # the colour that the untouched style tokens draw
    radius: int = 8  # px
    logo_id: str = ""
    logo_dark_id: str = ""
    features: Features = field(default_factory=Features)
    version: int = 0  # 0: nothing has been published yet
    published_at: datetime | None = None
    published_by: str = ""


def default() -> Configuration:
    """What holds before the first publish."""
    return Configuration()


def current(desk: Desk) -> Configuration:
    """The newest published version, by one read of the primary key's end: effective at once in every process."""
    row = desk.row(_newest)
    if row is None:
        return default()
    stamps = {"version": row.version, "published_at": row.published_at, "published_by": row.published_by}
    return replace(_read(row.data), **stamps)


def require(desk: Desk, feature: Feature) -> None:
    """Refuse what the merchant has switched off.

    Raises:
        NotAllowed: customers may not do this here.
    """
    if not getattr(current(desk).features, feature):
        raise NotAllowed


def publish(desk: Desk, changes: Mapping[str, Value], seen_version: int) -> Configuration:
    """Make `changes` (by the names of `values_of`) effective for everybody, as a new version.

    `seen_version` is the one the editor was looking at. What differs in nothing makes no version.

    Raises:
        NotAllowed: only an owner, an admin or the system configures the portal.
        InvalidInput: `field` names the first value that cannot be used; nothing was changed.
        Conflict: somebody else has published since.
    """
    require_writer(desk)
    cleaned = {name: clean(name, value) for name, value in changes.items()}
    with desk.transaction():
        before = current(desk)
        if before.version != seen_version:
            raise Conflict
        after = _with(before, cleaned)
        if not differences(before, after):
            return before
        _require_pictures(desk, after)
        stored = _store(desk, before, after)
    bus.announce("configuration.published", version=stored.version)
    return stored


def values_of(configuration: Configuration) -> dict[str, Value]:
    """The merchant's choices by name, features among them by theirs: what an editor shows and `publish` takes."""
    values = asdict(configuration)
    values.update(values.pop("features"))
    return {name: values[name] for name in NAMES}


def differences(before: Configuration, after: Configuration) -> dict[str, tuple[Value, Value]]:
    """What distinguishes two versions: name → (before, after)."""
    old, new = values_of(before), values_of(after)
    return {name: (old[name], new[name]) for name in NAMES if old[name] != new[name]}


def require_writer(desk: Desk) -> None:
    """Refuse who may not change what the portal offers.

    Raises:
        NotAllowed: only an owner, an admin or the system may.
    """
    actor = desk.actor
    if actor.kind != "system" and not (actor.kind == "staff" and may_write(actor.role)):
        raise NotAllowed(N_("Your role can read the settings, but not change them."))


def _require_pictures(desk: Desk, configuration: Configuration) -> None:
    for name in ("logo_id", "logo_dark_id"):
        picture_id = getattr(configuration, name)
        if picture_id and not desk.value(select(_pictures.c.id).where(_pictures.c.id == picture_id)):
            raise InvalidInput(N_("Upload the picture again."), field=name)


def _with(configuration: Configuration, values: Mapping[str, Value]) -> Configuration:
    switches = {name: value for name, value in values.items() if name in FEATURES}
    others = {name: value for name, value in values.items() if name not in FEATURES}
    return replace(configuration, features=replace(configuration.features, **switches), **others)


def _store(desk: Desk, before: Configuration, after: Configuration) -> Configuration:
    stored = replace(after, version=before.version + 1, published_at=now(), published_by=desk.actor.actor_id)
    row = {"version": stored.version, "data": _data(stored), "published_at": stored.published_at}
    desk.run(insert(_versions).values(**row, published_by=stored.published_by))
    changed = differences(before, stored)
    audit.record(
        desk,
        "configuration.changed",
        target_id=str(stored.version),
        before={name: old for name, (old, _) in changed.items()},
        after={name: new for name, (_, new) in changed.items()},
    )
    return stored


def _data(configuration: Configuration) -> dict[str, Any]:
    values = values_of(configuration)
    # An object a feature, as Stripe has it: options come to stand beside `enabled`.
    features = {name: {"enabled": values.pop(name)} for name in FEATURES}
    return {"schema": SCHEMA, **values, "features": features}


def _read(data: Mapping[str, Any]) -> Configuration:
    """What a version holds; a name it does not know yet has its default, one we do not know is left alone."""
    stored = {name: data[name] for name in NAMES if name in data}
    switches = {name: made["enabled"] for name, made in data.get("features", {}).items() if name in FEATURES}
    return Configuration(features=Features(**switches), **stored)
