"""Which function does which kind of job; each may run again after a crash and must then do no harm."""

from collections.abc import Callable

from portal_app.gateway.port import Json
from portal_app.services import operations as asked
from portal_app.services import sync, upcoming
from portal_app.services.desk import Desk
from portal_app.services.sync import backfill
from portal_app.tasks import housekeeping, operations, outbox

Handler = Callable[[Desk, Json], None]

HANDLERS: dict[str, Handler] = {
    **outbox.JOBS,
    asked.RECONCILE: operations.reconcile,
    sync.FETCH: sync.fetch,
    sync.REFRESH_UPCOMING: upcoming.refresh,
    backfill.REPAIR: backfill.repair,
    housekeeping.SWEEP: housekeeping.sweep,
    housekeeping.CLEAN: housekeeping.clean,
}
