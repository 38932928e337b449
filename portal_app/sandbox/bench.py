"""Everything that one sandbox process holds: the store, the accounts, their faults."""

from collections.abc import Callable
from pathlib import Path

from portal_app.sandbox.account import Account
from portal_app.sandbox.faults import Faults
from portal_app.sandbox.runner import run_due
from portal_app.sandbox.store import Store


class Bench:
    """The sandbox's whole state; every account is found by the name in its key."""

    def __init__(self, data_dir: Path | None, base_url: str) -> None:
        if data_dir is not None:
            data_dir.mkdir(parents=True, exist_ok=True)
        self.store = Store(data_dir / "sandbox.sqlite3" if data_dir else None)
        self.base_url = base_url
        self.when_changed: Callable[[], None] = lambda: None
        self._accounts: dict[str, Account] = {}
        self._faults: dict[str, Faults] = {}
        for name in self.store.account_names():
            self.account(name)

    def account(self, name: str) -> Account:
        """The account of a name, new or known."""
        if name not in self._accounts:
            self._accounts[name] = Account(self.store, name, self.base_url)
        return self._accounts[name]

    def faults(self, name: str) -> Faults:
        """An account's faults to come."""
        return self._faults.setdefault(name, Faults())

    def catch_up(self) -> None:
        """Do what has fallen due everywhere by itself, because time went on."""
        for account in list(self._accounts.values()):
            account.trim()
            with account.transaction():
                done = run_due(account)
            if done:
                self.when_changed()

    def reset(self, name: str) -> None:
        """Forget everything about an account."""
        self.store.wipe(name)
        self._accounts.pop(name, None)
        self._faults.pop(name, None)
