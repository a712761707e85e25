"""Payment methods where the processor does not list those of all customers at once: customer by customer."""

from collections.abc import Iterator

from billing.customers.models import Customer
from billing.providers.base import Kind
from billing.sync.models import SyncRun
from billing.sync.peer import Leaf, Peer, Spot

_ROWS = 100


def leaves(run: SyncRun, peer: Peer) -> Iterator[tuple[Leaf, int]]:
    """Each page with the id of the customer's row, from the one after ``cursor["customer"]`` on."""
    after = run.cursor.get("customer", 0)
    while rows := list(_customers(run, after)):
        for pk, external_id in rows:
            spot: Spot | None = Spot()
            while spot is not None:
                leaf = peer.list_of(external_id, Kind.PAYMENT_METHOD, spot)
                spot = leaf.following
                # A customer is left only when its last page was read.
                yield leaf, pk if spot is None else after
            after = pk


def _customers(run: SyncRun, after: int) -> Iterator[tuple[int, str]]:
    rows = Customer.objects.filter(account_id=run.account_id, deleted=False, pk__gt=after).order_by("pk")
    yield from rows.values_list("pk", "external_id")[:_ROWS]
