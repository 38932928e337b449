"""Tells what happened: events, and who has to hear of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stripe._api_version import _ApiVersion

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.rendering import render

VERSION = _ApiVersion.CURRENT
DAY = 86_400


def emit(account: Account, kind: str, thing: Object, previous: Object | None = None) -> None:
    """Note an event with the object as it is now, and queue it for every endpoint that listens.

    Events older than the horizon are not made: Stripe does not show them either.
    Under the clock lever `created` is the moved time; under a test clock it is the account's own.
    """
    if is_silent(account):
        return
    data: dict[str, Any] = {"object": render(account, thing)}
    if previous is not None:
        data["previous_attributes"] = previous
    listeners = [e for e in account.all("webhook_endpoint") if _listens(e, kind)]
    event = account.new(
        "event",
        type=kind,
        api_version=VERSION,
        data=data,
        pending_webhooks=len(listeners),
        request={"id": account.request.request_id, "idempotency_key": account.request.idempotency_key},
        created=account.wall(),
    )
    account.put(event)
    for endpoint in listeners:
        account.store.queue_delivery(account.name, event["id"], endpoint["id"])


def _listens(endpoint: Object, kind: str) -> bool:
    wanted = endpoint["enabled_events"]
    return endpoint["status"] == "enabled" and ("*" in wanted or kind in wanted)


def is_silent(account: Account) -> bool:
    """Whether nobody will hear of it: in a rehearsal, or longer ago than the horizon while a shop is being filled."""
    if account.is_rehearsing:
        return True
    seeding_until = account.state.get("seeding_until")
    if seeding_until is None:
        return False
    return account.wall() < seeding_until - account.setting("event_horizon_days") * DAY


@contextmanager
def changing(account: Account, thing: Object, kind: str | None = None) -> Iterator[None]:
    """Keep what the body changes, and tell of it with the previous values, if anything changed.

    Where one is inside another of the same object, only the outer one tells: one request, one event.
    """
    if kind is None or thing["id"] in account.changing or is_silent(account):
        yield
        account.put(thing)
        return
    before = render(account, thing)
    account.changing.add(thing["id"])
    try:
        yield
    finally:
        account.changing.discard(thing["id"])
    account.put(thing)
    after = render(account, thing)
    previous = difference(before, after)
    if previous:
        emit(account, kind, thing, previous)


def difference(before: Object, after: Object) -> Object:
    """The old values of what differs; of nested hashes only the differing keys."""
    found: Object = {}
    for name, old in before.items():
        new = after.get(name)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict) and "object" not in old:
            found[name] = difference(old, new)
        else:
            found[name] = old
    for name in after:
        if name not in before:
            found[name] = None
    return found
