"""What every test may use: `async def` tests, and a portal served by a process of its own."""

import asyncio
import inspect

import pytest

from tests.world import account, database, desk, each_database, sandbox

__all__ = ["account", "database", "desk", "each_database", "sandbox"]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Run a coroutine test on an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    given = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    asyncio.run(pyfuncitem.obj(**given))
    return True
