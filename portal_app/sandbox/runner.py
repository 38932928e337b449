"""Moves time: does everything that falls due, in order, at its own moment."""

import time

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing import announcements, renewals, schedules  # noqa: F401  they register what is due
from portal_app.sandbox.billing.renewals import deeds

# More steps than any believable advance needs; beyond it something does not move on.
MOST_STEPS = 100_000


def run_due(account: Account, until: int | None = None) -> int:
    """Do what is due on the account's own clock up to a moment, by default now; the number of deeds."""
    end = account.wall() if until is None else until
    outer = account.moment
    try:
        for step in range(MOST_STEPS):
            found = account.store.due(account.name, "", end)
            if found is None:
                return step
            account.moment = max(found[1], account.moment or 0)
            _do(account, found[0])
    finally:
        account.moment = outer
    raise RuntimeError("time does not move on")


def run_clock(account: Account, clock: Object, until: int) -> int:
    """Do what is due on a test clock up to a moment; the clock stands there afterwards."""
    for step in range(MOST_STEPS):
        found = account.store.due(account.name, clock["id"], until)
        if found is None:
            clock["frozen_time"] = until
            account.put(clock)
            return step
        clock["frozen_time"] = max(found[1], clock["frozen_time"])
        account.put(clock)
        _do(account, found[0])
    raise RuntimeError("time does not move on")


def _do(account: Account, object_id: str) -> None:
    thing = account.find(object_id)
    assert thing is not None
    due = account.due_rules[thing["object"]](account, thing)
    assert due is not None
    deeds[thing["object"], due[1]](account, thing)
    after = account.due_rules[thing["object"]](account, thing) if account.find(object_id) else None
    if after == due:
        raise RuntimeError(f"{object_id} stays due: {due}")


def move_clock(account: Account, to: int) -> int:
    """Put the account's own clock forward; everything in between happens. The number of deeds."""
    done = run_due(account, to)
    account.state["offset"] = to - int(time.time())
    return done
