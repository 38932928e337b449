"""Runs the sandbox until it is told to stop."""

import asyncio
import logging
import os
import signal
import socket
import sys
from pathlib import Path

from granian.constants import Interfaces
from granian.server.embed import Server

from portal_app.sandbox.bench import Bench
from portal_app.sandbox.deliveries import Deliveries
from portal_app.sandbox.levers import DEMO
from portal_app.sandbox.server import build
from portal_app.sandbox.shop import seed

HOST = "127.0.0.1"
CATCH_UP_SECONDS = 1.0
log = logging.getLogger("portal_app.sandbox")


def run(port: int, data_dir: Path | None, shop: str) -> None:
    """Serve on loopback until SIGTERM or Ctrl-C.

    With a data folder the state survives; the shop (`small` or `none`) fills the demo's account if it is empty.

    Raises:
        SystemExit: somebody else listens on the port.
    """
    _check_port(port)
    asyncio.run(_run(port, data_dir, shop))
    sys.stdout.flush()
    sys.stderr.flush()
    # The server's native threads may still want the interpreter, and abort the process when it is gone.
    # Everything is stored by now, so it leaves without taking the interpreter apart.
    os._exit(0)


def _check_port(port: int) -> None:
    # The server shares its port with whoever else would share it: two sandboxes would take turns answering.
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SystemExit(f"Port {port} is taken: {error.strerror}.") from error


async def _run(port: int, data_dir: Path | None, shop: str) -> None:
    bench = Bench(data_dir, f"http://{HOST}:{port}")
    account = bench.account(DEMO)
    if shop != "none" and not account.state["counter"]:
        with account.transaction():
            seed(account, shop)
    deliveries = Deliveries(bench)
    bench.when_changed = deliveries.woken.set
    server = Server(build(bench), address=HOST, port=port, interface=Interfaces.ASGINL, log_enabled=False)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    tasks = [asyncio.create_task(work) for work in (server.serve(), deliveries.run(), _catch_up(bench))]
    stop = asyncio.create_task(stopping.wait())
    done, _ = await asyncio.wait([stop, *tasks], return_when=asyncio.FIRST_COMPLETED)
    server.stop()
    for task in tasks[1:]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    bench.store.close()
    for task in done - {stop}:
        task.result()


async def _catch_up(bench: Bench) -> None:
    """Time goes on by itself too: drafts become bills, incomplete subscriptions expire."""
    while True:
        try:
            bench.catch_up()
        except Exception:
            log.exception("catching up failed")
        await asyncio.sleep(CATCH_UP_SECONDS)
