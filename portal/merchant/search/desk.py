"""The search of one merchant in one mode: everything goes through the same door and the same filters as its lists."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from billing import clock
from billing.access.verbs import P
from billing.commands.models import CommandBatch, CommandKind, MoneyCommand
from billing.customers.models import Customer
from billing.merchants.models import Merchant
from billing.payments.models import Payment, PaymentQuerySet
from billing.payouts.models import BalanceTransaction, Payout
from billing.refunds.models import Refund
from billing.webhooks.models import WebhookEvent
from disputes.chargebacks.models import Dispute
from portal.access.people_seen import sees_people
from portal.merchant.lists import list_url, load_list
from portal.merchant.transactions.listing import TransactionListing
from portal.web.connections import connections_of
from portal.web.nav import address
from portal.web.request import MerchantRequest
from portal.web.search.as_list import as_list
from portal.web.search.asked import Asked, narrow
from portal.web.search.desk import Desk, all_wrong
from portal.web.search.find import Scope
from portal.web.search.hits import Teller
from portal.web.search.places import Places, back_to
from portal.web.search.reading import Reader
from portal.web.search.results import Group
from reports.templatetags.money import current_locale


@dataclass(frozen=True, slots=True)
class MerchantLinks:
    """``back`` is appended to addresses of pages that lead back; ``customers`` and ``events`` are empty for who may see
    none."""

    transactions: str
    refunds: str
    customers: str
    activity: str
    events: str
    back: str

    def payment(self, public_id: str, part: str = "") -> str:
        return f"{self.transactions}{public_id}/{self.back}{'#' if part else ''}{part}"

    def refund(self, public_id: str, payment: str) -> str:
        return f"{self.refunds}{public_id}/{self.back}"

    def batch(self, public_id: str) -> str:
        return f"{self.refunds}batches/{public_id}/"

    def customer(self, row: dict[str, Any]) -> str:
        """Their page, or what they paid for who may not see it."""
        if self.customers:
            return f"{self.customers}{row['public_id']}/{self.back}"
        return f"{self.transactions}?{urlencode({'customer': row['external_id']})}"

    def payout(self, row: dict[str, Any]) -> str:
        """The movement of the balance that it is."""
        return f"{self.activity}?{urlencode({'q': row['external_id']})}"

    def event(self, public_id: str) -> str:
        return f"{self.events}{public_id}/"


@dataclass(frozen=True)
class MerchantDesk(Desk):
    request: MerchantRequest
    merchant: Merchant
    livemode: bool
    by_person: bool

    def scope(self, asked: Asked) -> Scope:
        whose = (self.merchant, self.livemode)
        return Scope(
            payments=Payment.objects.for_merchant(*whose),
            refunds=Refund.objects.for_merchant(*whose),
            disputes=Dispute.objects.for_merchant(*whose),
            payouts=Payout.objects.for_merchant(*whose),
            customers=Customer.objects.for_merchant(*whose),
            movements=BalanceTransaction.objects.for_merchant(*whose),
            events=WebhookEvent.objects.for_merchant(*whose) if self.request.can(P.EVENTS_VIEW) else None,
            accounts=[account.pk for account in connections_of(self.merchant, self.livemode)],
            by_person=self.by_person,
        )

    def payments(self, scope: Scope, asked: Asked) -> PaymentQuerySet:
        listing = self._listing(asked)
        if not listing.is_valid:
            raise all_wrong([str(error) for errors in listing.filters.form.errors.values() for error in errors])
        found: PaymentQuerySet = listing.filters.qs
        for unwanted in asked.without:
            found = found.exclude(narrow(unwanted, zone=self.merchant.zone, by_person=self.by_person))
        return found

    def more_groups(self, asked: Asked, limit: int) -> list[Group]:
        """Refunds that were asked for here: several together, or one of which the processor has made none."""
        if asked.id.startswith("bat_"):
            batches = CommandBatch.objects.for_merchant(self.merchant, self.livemode).filter(public_id=asked.id)
            return [Group("refunds", [self.teller.tell_batch(batch, self.merchant.name)]) for batch in batches]
        if not asked.id.startswith(f"{Refund.PREFIX}_"):
            return []
        requests = MoneyCommand.objects.for_merchant(self.merchant, self.livemode).filter(kind=CommandKind.REFUND)
        unmade = requests.filter(public_id=asked.id, external_id="").select_related("payment")
        hits = [self.teller.tell_request(each, self.merchant.name) for each in unmade]
        return [Group("refunds", hits)] if hits else []

    def payments_url(self, asked: Asked) -> str:
        return "" if asked.without else str(self._listing(asked).address)

    def _listing(self, asked: Asked) -> TransactionListing:
        return load_list(TransactionListing, self.request, self.merchant, self.livemode, data=as_list(asked))


def open_desk(request: MerchantRequest, merchant: Merchant, livemode: bool, *, text: str) -> MerchantDesk:
    """The desk for a search for ``text``, to which pages behind its results lead back."""
    kwargs = {"merchant": merchant.slug, "mode": "live" if livemode else "test"}
    url = address("merchant:search", kwargs)
    by_person = sees_people(request)
    links = MerchantLinks(
        transactions=list_url("transactions", merchant, livemode),
        refunds=list_url("refunds", merchant, livemode),
        customers=list_url("customers", merchant, livemode) if request.can(P.CUSTOMERS_VIEW) else "",
        activity=list_url("activity", merchant, livemode),
        events=address("merchant:events", kwargs) if request.can(P.EVENTS_VIEW) else "",
        back=back_to(url, text),
    )
    return MerchantDesk(
        url=url,
        reader=Reader(clock.now().astimezone(merchant.zone).date(), merchant.default_currency, current_locale()),
        teller=Teller(links, by_person),
        places=Places("merchant", kwargs, request.can),
        request=request,
        merchant=merchant,
        livemode=livemode,
        by_person=by_person,
    )
