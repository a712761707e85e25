"""What one payment brought to the balance, movement by movement, and that its net is what the books say."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from billing.ledger.chart import PLACES
from billing.ledger.explain import entries_of
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.payments.queries import PaymentRecord, load_for_merchant
from billing.payouts.models import BalanceTransaction
from billing.refunds.models import Refund
from disputes.chargebacks.models import Dispute
from portal.merchant.balance.scope import BalanceScope, scope_of
from portal.web.movements import movement_words
from portal.web.payments.load import found_or_404
from reports.figures.payment_money import Breakdown, break_down, movements_of


@dataclass(frozen=True, slots=True)
class MovementRow:
    movement: BalanceTransaction
    what: str
    url: str


@dataclass(frozen=True, slots=True)
class Net:
    """Minor units: what the payment's page shows (``shown``), and what was posted of its movements (``posted``)."""

    currency: str
    shown: int
    posted: int

    @property
    def adds_up(self) -> bool:
        return self.shown == self.posted


class PaymentExplained:
    def __init__(self, scope: BalanceScope, record: PaymentRecord) -> None:
        self.scope, self.payment, self._record = scope, record.payment, record

    @property
    def reference(self) -> str:
        payment: Payment = self.payment
        return payment.reference or payment.public_id

    @property
    def payment_url(self) -> str:
        return f"{self.scope.page('transactions')}{self.payment.public_id}/"

    @cached_property
    def _refunds(self) -> list[Refund]:
        return list(Refund.objects.for_merchant(self.scope.merchant, self.scope.livemode).filter(payment=self.payment))

    @cached_property
    def _disputes(self) -> list[Dispute]:
        return list(Dispute.objects.for_merchant(self.scope.merchant, self.scope.livemode).filter(payment=self.payment))

    @cached_property
    def movements(self) -> list[BalanceTransaction]:
        return movements_of(self.payment, self._record.attempts, self._refunds, self._disputes)

    @cached_property
    def rows(self) -> list[MovementRow]:
        url = self.scope.page("balance")
        return [MovementRow(each, _words(each), f"{url}movements/{each.public_id}/") for each in self.movements]

    @cached_property
    def breakdown(self) -> Breakdown:
        """As the payment's own page shows it."""
        return break_down(self.payment, self._record.attempts, self._refunds, self._disputes, self.movements)

    @cached_property
    def nets(self) -> Sequence[Net]:
        posted: dict[str, int] = {}
        for entry in entries_of(self.payment.account_id, [each.external_id for each in self.movements]):
            for line in entry.lines:
                if line.code in PLACES:
                    posted[line.currency] = posted.get(line.currency, 0) + line.amount
        shown = dict(self.breakdown.nets)
        return [Net(each, shown.get(each, 0), posted.get(each, 0)) for each in sorted(shown.keys() | posted.keys())]


def load_payment(merchant: Merchant, livemode: bool, payment: str) -> PaymentExplained:
    """``payment`` is a public id. Raises Http404."""
    record = found_or_404(load_for_merchant, merchant, livemode, payment)
    return PaymentExplained(scope_of(merchant, livemode, ""), record)


def _words(movement: BalanceTransaction) -> str:
    words = movement_words(movement.type, movement.reporting_category)
    return words[:1].upper() + words[1:]
