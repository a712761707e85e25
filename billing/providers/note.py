"""What every change of a connection leaves behind: a row of the audit trail and a fact for open pages."""

from collections.abc import Mapping
from typing import Any

from billing.audit.actor import Actor
from billing.audit.record import record
from billing.outbox.publish import Fact, publish
from billing.providers.models import ProviderAccount

CHANGED = "connection.changed"


def note(
    *,
    connection: ProviderAccount,
    action: str,
    by: Actor,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """As the last statements of the caller's transaction. Neither mapping may hold a secret."""
    publish([Fact(CHANGED, connection.merchant_id, connection.livemode, connection.public_id)])
    record(
        merchant_id=connection.merchant_id,
        actor=by,
        action=action,
        object_type="connection",
        object_id=connection.public_id,
        before=before,
        after=after,
    )
