"""Decides what events mean for a row: the payload is provably newer, or it is to be fetched, or it changes nothing.

Events come twice, late and in any order, and two of the same second cannot be told apart. Whatever is not proved
here is fetched, so the end state is right however they came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from portal_app.gateway.port import Json
from portal_app.gateway.stripe_gateway import API_VERSION
from portal_app.services.sync.shapes import SHAPES, id_of

# A fetch is dated by our clock and an event by Stripe's: only what is further apart than the clocks may differ counts.
_CLOCKS_AGREE = timedelta(seconds=3)
_LONG_AGO = timedelta(minutes=10)
_PAUSE_BETWEEN_FETCHES = timedelta(seconds=1)
# Their events leave out what belongs to them, except at the beginning, when there is nothing yet.
_BEGIN_WITH_CREATED = ("customer", "subscription", "invoice")


@dataclass(frozen=True)
class Heard:
    """An event, read: what it says, at which second of Stripe's clock."""

    event_id: str
    type: str
    at: datetime
    api_version: str
    data: Json
    previous: Json

    @property
    def is_end(self) -> bool:
        """Whether the object exists no more; a deleted subscription does, as a canceled one."""
        return self.type.endswith(".deleted") and not self.type.startswith("customer.subscription.")


@dataclass(frozen=True)
class Decision:
    """Apply `event`, or fetch, or leave things as they are."""

    event: Heard | None = None
    needs_fetch: bool = False
    fetch_after: datetime | None = None


def decide(kind: str, row: Row[Any] | None, events: Sequence[Heard], moment: datetime) -> Decision:
    """What the waiting events of one object mean for its row; `moment` is now, by our clock."""
    own = [one for one in events if one.data.get("object") == kind]
    parts = [one for one in events if one.data.get("object") != kind]
    if any(not _is_in(row, part) for part in parts):
        return _fetch(row, moment)
    if not own:
        return Decision()
    newest_at = max(one.at for one in own)
    newest = [one for one in own if one.at == newest_at]
    if row is not None and _is_older(row, newest[0]):
        return Decision()
    if any(one.data != newest[0].data for one in newest):
        return _fetch(row, moment)
    return _decide_newest(kind, row, newest[0], moment)


def grafted(kind: str, row: Row[Any] | None, payload: Json) -> Json:
    """The payload with what it names only by id put back in full, where the row has it."""
    if row is None:
        return payload
    return {**payload, **{name: row.data[name] for name in SHAPES[kind].expanded if payload.get(name)}}


def _decide_newest(kind: str, row: Row[Any] | None, event: Heard, moment: datetime) -> Decision:
    if row is None:
        return Decision(event) if event.is_end or _is_first(kind, event, moment) else _fetch(row, moment)
    is_usable = event.is_end or (
        not row.is_deleted
        and _is_complete(kind, row, event)
        and not _contradicts(event.previous, row.data, SHAPES[kind].expanded)
    )
    if is_usable and _is_newer(row, event):
        return Decision(event)
    if not row.is_deleted and not event.is_end and _agrees(event.data, row.data):
        return Decision()
    return _fetch(row, moment)


def _fetch(row: Row[Any] | None, moment: datetime) -> Decision:
    """Not again within a second: changes come in bursts."""
    return Decision(needs_fetch=True, fetch_after=max(moment, row.synced_at + _PAUSE_BETWEEN_FETCHES) if row else None)


def _is_first(kind: str, event: Heard, moment: datetime) -> bool:
    """Whether the payload can be all there is to know of an object that we have never seen."""
    is_beginning = event.type.endswith(".created") or kind not in _BEGIN_WITH_CREATED
    return is_beginning and moment - event.at < _LONG_AGO and _is_complete(kind, None, event)


def _is_older(row: Row[Any], event: Heard) -> bool:
    """Whether the row certainly knows what the event tells."""
    if row.version_at is not None:
        return event.at < row.version_at
    return event.at < row.synced_at - _LONG_AGO


def _is_newer(row: Row[Any], event: Heard) -> bool:
    """Whether the event is certainly from after the row's knowledge."""
    if row.version_at is not None:
        return event.at > row.version_at
    return event.at > row.synced_at + _CLOCKS_AGREE


def _is_complete(kind: str, row: Row[Any] | None, event: Heard) -> bool:
    """Whether the payload holds all that a fetch would bring, or the row can lend it."""
    shape = SHAPES[kind]
    if shape.is_fetched_only or event.api_version != API_VERSION:
        return False
    if any(isinstance(value, dict) and value.get("has_more") for value in event.data.values()):
        return False
    return all(_is_known_in_full(event.data.get(name), row and row.data.get(name)) for name in shape.expanded)


def _is_known_in_full(sent: Any, kept: Any) -> bool:
    if not sent:
        return True
    if isinstance(sent, list):
        return isinstance(kept, list) and _ids(sent) == _ids(kept) and all(isinstance(one, dict) for one in kept)
    return isinstance(kept, dict) and id_of(sent) == id_of(kept)


def _ids(values: Sequence[Any]) -> list[str]:
    return [id_of(value) for value in values]


def _contradicts(previous: Mapping[str, Any], kept: Any, expanded: Sequence[str]) -> bool:
    """Whether the row was not in the state that the event starts from: something between is missing."""
    if not isinstance(kept, dict):
        return True
    for name, old in previous.items():
        if name in expanded:
            continue
        value = kept.get(name)
        if isinstance(old, dict) and isinstance(value, dict):
            if _contradicts(old, value, ()):
                return True
        elif old != value:
            return True
    return False


def _agrees(sent: Any, kept: Any) -> bool:
    """Whether a payload says what the row says, an id being as good as the object."""
    if isinstance(kept, dict):
        if isinstance(sent, str):
            return sent == kept.get("id")
        return isinstance(sent, dict) and all(_agrees(value, kept.get(name)) for name, value in sent.items())
    if isinstance(kept, list):
        return isinstance(sent, list) and len(sent) == len(kept) and all(map(_agrees, sent, kept))
    return sent == kept


def _is_in(row: Row[Any] | None, part: Heard) -> bool:
    """Whether the row already holds a part, as the event shows it."""
    if row is None or part.is_end:
        return False
    return any(_agrees(part.data, value) for value in row.data.values() if isinstance(value, dict))
