"""Finishes what a visitor asked for and nobody could confirm at the time."""

from portal_app.gateway.port import Json
from portal_app.services import cancellation_acts, operations
from portal_app.services.desk import Desk
from portal_app.services.operations import OperationKind

KINDS: dict[str, OperationKind] = {kind.name: kind for kind in (*cancellation_acts.KINDS,)}


def reconcile(desk: Desk, payload: Json) -> None:
    """The job behind every operation; it ends when the operation has.

    Raises:
        GatewayError: Stripe cannot tell yet.
        KeyError: nobody knows this kind of operation; a person has to look.
    """
    asked = operations.get(desk, payload["operation_id"])
    if asked.is_open:
        operations.reconcile(desk, KINDS[asked.kind], asked.id)
