"""The `portal` command: what a merchant or a developer types."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from portal_app import demo as demo_run
from portal_app import frontend, migrations
from portal_app.environment import BadEnvironment, environment
from portal_app.kit.errors import PortalError
from portal_app.processes import Child, Supervisor
from portal_app.runtime import prepare, sandbox_child, use_mode, web_child, worker_child
from portal_app.security.visitor import SYSTEM
from portal_app.services import staff
from portal_app.services.desk import open_desk
from portal_app.services.sync import backfill

console = Console()
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
staff_app = typer.Typer(no_args_is_help=True, help="The merchant's team.")
app.add_typer(staff_app, name="staff")

Port = Annotated[int, typer.Option(min=1, max=65535)]
Host = Annotated[str, typer.Option(help="Address to listen on.")]


@app.command()
def demo(
    port: Port = 3000,
    sandbox_port: Port = 12111,
    data: Annotated[Path, typer.Option(help="Folder that keeps the demo's data.")] = Path(".portal/demo"),
    reset: Annotated[bool, typer.Option(help="Start with a fresh shop.")] = False,
) -> None:
    """Start sandbox, portal and worker with the sample shop; Ctrl-C stops all of it."""
    raise typer.Exit(demo_run.run(demo_run.Demo(port, sandbox_port, data.resolve(), reset), console.print))


@app.command()
def serve(port: Port = 3000, host: Host = "127.0.0.1") -> None:
    """Run web and worker under one supervisor: production."""
    use_mode("production")
    prepare()
    supervisor = Supervisor(console.print)
    supervisor.listen()
    supervisor.start(worker_child())
    supervisor.start(web_child(port, host))
    raise typer.Exit(supervisor.run())


@app.command()
def web(port: Port = 3000, host: Host = "127.0.0.1") -> None:
    """Run the web process alone: production."""
    use_mode("production")
    prepare()
    _become(web_child(port, host))


@app.command()
def worker() -> None:
    """Run the worker alone: production."""
    use_mode("production")
    prepare()
    _become(worker_child())


@app.command()
def sandbox(
    port: Port = 12111,
    data: Annotated[Path | None, typer.Option(help="Folder that keeps its state; in memory without.")] = None,
    shop: Annotated[str, typer.Option(help="small or none.")] = "none",
) -> None:
    """Run the pocket Stripe alone; any sk_test_… key is an account of its own."""
    _become(sandbox_child(port, data, shop))


@app.command()
def sync(
    since: Annotated[str, typer.Option(help="Only what was created since this day, for example 2026-11-01.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Counts for a script, no progress bar.")] = False,
) -> None:
    """Fill or repair the mirror from Stripe; takes up where it stopped and can run while the portal serves."""
    prepare()
    counts: dict[str, int] = {}
    bars: dict[str, TaskID] = {}
    columns = (TextColumn("{task.description:<24}"), BarColumn(), TextColumn("{task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=as_json) as progress:

        def told(kind: str, done: int) -> None:
            counts[kind] = done
            if kind not in bars:
                bars[kind] = progress.add_task(kind.replace("_", " "), total=None)
            progress.update(bars[kind], completed=done)

        backfill.run(told, since=since)
    if as_json:
        sys.stdout.write(json.dumps(counts) + "\n")
    else:
        console.print(f"The mirror is up to date: {sum(counts.values())} objects read.")


@app.command()
def migrate(check: Annotated[bool, typer.Option("--check", help="Only say whether it is needed.")] = False) -> None:
    """Bring the database to this version's schema."""
    if check:
        is_current = migrations.is_at_head()
        console.print("The database is up to date." if is_current else "The database needs `portal migrate`.")
        raise typer.Exit(0 if is_current else 1)
    migrations.upgrade()
    console.print("The database is up to date.")


@app.command()
def build() -> None:
    """Build the front end; the only step that needs Node, which comes with the Python environment."""
    frontend.build(console.print)


@staff_app.command("add")
def staff_add(
    email: str,
    role: Annotated[str, typer.Option(help="owner, admin, support, finance or read_only.")] = "read_only",
) -> None:
    """Let somebody sign in at /admin/login with a mailed link."""
    prepare()
    with open_desk(actor=SYSTEM) as desk:
        staff.add(desk, email, role)
    console.print(f"{email} may sign in as {role} at {environment().url('/admin/login')}", highlight=False)


def _become(child: Child) -> None:
    """Replace this process, so that signals and the exit status are the child's own."""
    os.execvpe(child.argv[0], list(child.argv), {**os.environ, **child.env})  # noqa: S606


def _guarded(command: Callable[[], None]) -> int:
    try:
        command()
    except BadEnvironment as error:
        for problem in error.problems:
            console.print(f"Cannot start: {problem}", highlight=False, markup=False)
        return 2
    except PortalError as error:
        console.print(f"{error.code}: {error.text.format(**error.holes)}", highlight=False, markup=False)
        return 1
    return 0


def main() -> None:
    """The entry point of the `portal` script."""
    sys.exit(_guarded(app))
