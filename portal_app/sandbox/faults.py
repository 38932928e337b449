"""Misbehaviour on demand: of requests and of deliveries."""

import fnmatch
from dataclasses import dataclass, field

from portal_app.sandbox.errors import invalid

OF_REQUESTS = (
    "timeout_before",
    "timeout_after",
    "reset_before",
    "reset_after",
    "conflict",
    "rate_limit",
    "server_error",
    "server_error_after",
    "bad_gateway",
    "bad_gateway_after",
    "slow",
    "garbage",
)
OF_DELIVERIES = ("duplicate", "reorder", "delay", "drop")
DEFAULT_SECONDS = {"timeout_before": 120.0, "timeout_after": 120.0, "slow": 2.0, "delay": 2.0, "reorder": 1.0}


@dataclass
class Fault:
    """One kind of misbehaviour, for the next `times` occasions that fit."""

    kind: str
    times: int = 1
    method: str = "*"
    path: str = "*"
    types: list[str] = field(default_factory=lambda: ["*"])
    seconds: float = 0.0
    retry_after: int | None = None
    should_retry: bool | None = None

    @property
    def is_of_request(self) -> bool:
        """Whether it befalls requests rather than deliveries."""
        return self.kind in OF_REQUESTS

    @property
    def is_after_work(self) -> bool:
        """Whether the work is done and only the answer suffers."""
        return self.kind.endswith("_after") or self.kind in ("slow", "garbage")


class Faults:
    """The faults that an account still has before it."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def order(self, given: dict[str, object]) -> Fault:
        """Take an order such as `{"kind": "server_error", "path": "/v1/subscriptions*", "times": 2}`."""
        kind = given.get("kind")
        if kind not in OF_REQUESTS + OF_DELIVERIES:
            raise invalid(f"kind must be one of {', '.join(OF_REQUESTS + OF_DELIVERIES)}", "kind")
        unknown = set(given) - set(Fault.__dataclass_fields__)
        if unknown:
            raise invalid(f"Unknown: {', '.join(sorted(unknown))}", sorted(unknown)[0])
        fault = Fault(**given)  # type: ignore[arg-type]
        fault.seconds = fault.seconds or DEFAULT_SECONDS.get(fault.kind, 0.0)
        self.waiting.append(fault)
        return fault

    def for_request(self, method: str, path: str) -> Fault | None:
        """The fault that befalls this request, used up by it."""
        for fault in self.waiting:
            fits = fault.method in ("*", method) and fnmatch.fnmatchcase(path, fault.path)
            if fault.is_of_request and fits:
                return self._use(fault)
        return None

    def for_delivery(self, kind: str) -> Fault | None:
        """The fault that befalls the delivery of an event of this type, used up by it."""
        for fault in self.waiting:
            if not fault.is_of_request and any(fnmatch.fnmatchcase(kind, wanted) for wanted in fault.types):
                return self._use(fault)
        return None

    def _use(self, fault: Fault) -> Fault:
        fault.times -= 1
        if fault.times <= 0:
            self.waiting.remove(fault)
        return fault
