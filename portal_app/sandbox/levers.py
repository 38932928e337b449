"""The levers under /_sandbox/: what Stripe does not have, and tests and demonstrations need."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portal_app.sandbox.account import SETTINGS, Account
from portal_app.sandbox.bench import Bench
from portal_app.sandbox.errors import StripeError, invalid
from portal_app.sandbox.operations.intents import answer_bank
from portal_app.sandbox.reception import key_of
from portal_app.sandbox.rendering import render
from portal_app.sandbox.runner import move_clock
from portal_app.sandbox.shop import seed

DEMO = "demo"
Lever = Callable[[Account, Request, dict], dict | Awaitable[dict]]


class Levers:
    """Each lever works on the account of the request's key, or on the demo's without one."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def routes(self) -> list[Route]:
        """Every lever with its address."""
        levers: list[tuple[str, str, Lever]] = [
            ("GET", "clock", self.clock),
            ("POST", "clock", self.move),
            ("GET", "deliveries", self.deliveries),
            ("GET", "faults", self.faults),
            ("POST", "faults", self.order_fault),
            ("DELETE", "faults", self.clear_faults),
            ("GET", "effects", self.effects),
            ("POST", "decline_next_charge", self.decline_next),
            ("POST", "authenticate", self.authenticate),
            ("GET", "settings", self.settings),
            ("POST", "settings", self.change_settings),
            ("POST", "seed", self.seed),
            ("POST", "reset", self.reset),
        ]
        made = [Route(f"/_sandbox/{name}", self._endpoint(lever), methods=[method]) for method, name, lever in levers]
        return [Route("/_sandbox/health", self.health), *made]

    async def health(self, request: Request) -> Response:
        """Alive."""
        return JSONResponse({"status": "ok"})

    def _endpoint(self, lever: Lever) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                headers = dict(request.headers)
                name = key_of(headers)[1] if "authorization" in headers else DEMO
                body = await request.body()
                given = json.loads(body) if body else {}
                answer = lever(self.bench.account(name), request, given)
                if asyncio.iscoroutine(answer):
                    answer = await answer
            except StripeError as error:
                return JSONResponse(error.body, error.status)
            self.bench.when_changed()
            return JSONResponse(answer)

        return endpoint

    def clock(self, account: Account, request: Request, given: dict) -> dict:
        """What time the account has."""
        return {"now": account.wall(), "offset_seconds": account.state["offset"]}

    def move(self, account: Account, request: Request, given: dict) -> dict:
        """Put the clock forward: `{"to": unix}` or `{"advance_seconds": n}`."""
        to = given.get("to", account.wall() + given.get("advance_seconds", 0))
        if not isinstance(to, int) or to < account.wall():
            raise invalid("The clock can only be put forward.", "to")
        with account.transaction():
            deeds = move_clock(account, to)
        return self.clock(account, request, given) | {"deeds": deeds}

    async def deliveries(self, account: Account, request: Request, given: dict) -> dict:
        """How many deliveries wait, were confirmed, were given up; `?wait=5` waits for quiet up to that long."""
        patience = time.monotonic() + float(request.query_params.get("wait", 0))
        while True:
            counts = self.bench.store.count_deliveries(account.name)
            if counts["pending"] == 0 or time.monotonic() >= patience:
                return counts
            await asyncio.sleep(0.02)

    def faults(self, account: Account, request: Request, given: dict) -> dict:
        """The faults still to come."""
        return {"faults": [asdict(fault) for fault in self.bench.faults(account.name).waiting]}

    def order_fault(self, account: Account, request: Request, given: dict) -> dict:
        """Order one more fault, or, under `faults`, exactly these instead of all that were ordered before."""
        if "faults" in given:
            self.bench.faults(account.name).waiting.clear()
        for one in given.get("faults", [given]):
            self.bench.faults(account.name).order(one)
        return self.faults(account, request, given)

    def clear_faults(self, account: Account, request: Request, given: dict) -> dict:
        """Behave again."""
        self.bench.faults(account.name).waiting.clear()
        return {"faults": []}

    def effects(self, account: Account, request: Request, given: dict) -> dict:
        """How often each kind of effect really happened, by object."""
        return self.bench.store.effects(account.name)

    def decline_next(self, account: Account, request: Request, given: dict) -> dict:
        """Have the next charges declined: `{"decline_code": …, "customer": …, "times": n}`."""
        order = {
            "decline_code": given.get("decline_code", "generic_decline"),
            "customer": given.get("customer"),
            "times": given.get("times", 1),
        }
        with account.transaction():
            account.state["decline_next"].append(order)
        return {"decline_next": account.state["decline_next"]}

    def authenticate(self, account: Account, request: Request, given: dict) -> dict:
        """Answer the bank's question: `{"intent": "pi_…", "outcome": "approve" | "refuse"}`."""
        if given.get("outcome") not in ("approve", "refuse"):
            raise invalid("outcome must be approve or refuse", "outcome")
        refused: StripeError | None = None
        with account.transaction():
            try:
                intent = answer_bank(account, str(given.get("intent")), given["outcome"] == "approve")
                return render(account, intent)
            except StripeError as error:
                if not error.keeps_work:
                    raise
                refused = error
        raise refused

    def settings(self, account: Account, request: Request, given: dict) -> dict:
        """The merchant's choices."""
        return {name: account.setting(name) for name in SETTINGS}

    def change_settings(self, account: Account, request: Request, given: dict) -> dict:
        """Change the merchant's choices, such as `retry_days` and `after_retries`."""
        unknown = set(given) - set(SETTINGS)
        if unknown:
            raise invalid(f"Unknown: {', '.join(sorted(unknown))}", sorted(unknown)[0])
        with account.transaction():
            account.state["settings"] = account.state["settings"] | given
        return self.settings(account, request, given)

    def seed(self, account: Account, request: Request, given: dict) -> dict:
        """Fill an empty account with the sample shop; the ids of its people."""
        with account.transaction():
            return seed(account, given.get("shop", "small"))

    def reset(self, account: Account, request: Request, given: dict) -> dict:
        """Forget everything about the account."""
        self.bench.reset(account.name)
        return {"reset": True}
