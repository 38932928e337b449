"""For monitors and supervisors: is the process alive, and can the portal do its work."""

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from portal_app.services import readiness
from portal_app.services.desk import ask


def routes(is_migrated: Callable[[], bool]) -> list[Route]:
    """`/healthz` and `/readyz`; `is_migrated` tells whether the database has this version's schema."""

    # A schema does not go back while a process of it runs, so the first yes holds.
    is_known = False

    async def healthz(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> JSONResponse:
        nonlocal is_known
        problems = await ask(readiness.problems)
        if problems != ["database_unavailable"]:
            is_known = is_known or await asyncio.to_thread(is_migrated)
            problems += [] if is_known else ["migrations_missing"]
        if problems:
            return JSONResponse({"status": "not ready", "problems": problems}, status_code=503)
        return JSONResponse({"status": "ready"})

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
