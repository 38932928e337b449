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

    async def healthz(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> JSONResponse:
        problems = await ask(readiness.problems)
        if problems != ["database_unavailable"] and not await asyncio.to_thread(is_migrated):
            problems.append("migrations_missing")
        if problems:
            return JSONResponse({"status": "not ready", "problems": problems}, status_code=503)
        return JSONResponse({"status": "ready"})

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
