"""What the recipes of pages need, made once each."""

from dataclasses import dataclass
from functools import cached_property

from billing.commands.models import MoneyCommand
from billing.customers.models import Customer
from billing.payments.models import Payment
from billing.refunds.models import Refund
from billing.webhooks.models import WebhookEvent
from tests.browser import made, moods
from tests.browser.site import Site
from tests.browser.stock import BUSY, CUSTOMERS, Stock
from tests.portal.people import make_merchant, make_person


@dataclass(frozen=True)
class Visit:
    """``cookie`` is a session that is not one of a whole sign-in. ``lands`` is a part of where one ends up."""

    path: str
    person: str = ""
    cookie: str = ""
    status: int = 200
    lands: str = ""


class Guide:
    """Makes what recipes need, once each."""

    def __init__(self, site: Site, stock: Stock) -> None:
        self.site, self.stock = site, stock
        self.owner, self.viewer, self.admin = stock.people["owner"], stock.people["viewer"], stock.staff["admin"]

    panel, summary, card = "timeline", "summary", "volume"

    waiting_kind, kind = "disputes", "transactions"

    chain, row = "platform", "1"

    @cached_property
    def forged(self) -> str:
        """A merchant in whose audit trail somebody changed a row."""
        return self.site.ask(made.forged)

    @cached_property
    def view(self) -> str:
        return self.site.ask(made.view, self.stock.slug, "Failed, last 7 days", "status=failed")

    @cached_property
    def old_view(self) -> str:
        return self.site.ask(made.view, self.stock.slug, "Kept since the first version", "status=failed&colour=red")

    @cached_property
    def bare(self) -> str:
        """A merchant with nothing at all."""
        return self.site.ask(lambda: make_merchant("empty-shelf").slug)

    @property
    def merchant(self) -> str:
        return self.stock.slug

    @cached_property
    def guest(self) -> str:
        """The session of somebody of the staff who looks at the merchant's pages."""
        return self.site.ask(made.guest, self.admin, self.stock.slug)

    @cached_property
    def payment(self) -> str:
        """A payment that failed: the page with the most to say."""
        return self.site.ask(lambda: Payment.objects.filter(status="failed").latest("created_at").public_id)

    @cached_property
    def movement(self) -> str:
        """A movement that became available, of a payment."""
        return self.site.ask(lambda: made.movement(self.stock.slug, type="charge", status="available"))

    @cached_property
    def unplaced_movement(self) -> str:
        return self.site.ask(lambda: made.movement(self.stock.slug, booking="unknown", amount=700))

    @cached_property
    def refunded(self) -> str:
        return self.site.ask(lambda: Payment.objects.filter(status="partially_refunded").latest("created_at").public_id)

    @cached_property
    def refund(self) -> str:
        """As the processor tells it; nobody here asked for it."""
        return self.site.ask(lambda: Refund.objects.get(external_id="re_stock0").public_id)

    @cached_property
    def refund_payment(self) -> str:
        refunds = Refund.objects.filter(public_id=self.refund)
        return self.site.ask(lambda: refunds.get().payment.public_id)

    @cached_property
    def requests(self) -> dict[str, str]:
        """Refunds that somebody asked for here, by what came of them."""
        return self.site.ask(made.requests, self.stock.slug)

    @cached_property
    def batches(self) -> dict[str, str]:
        """Refunds of several payments that somebody asked for here, by what came of them."""
        return self.site.ask(made.batches, self.stock.slug)

    @cached_property
    def batch(self) -> str:
        return self.batches["waiting"]

    @cached_property
    def holds(self) -> dict[str, str]:
        """Payments that wait to be captured, by what came of somebody's request for that."""
        return self.site.ask(made.holds, self.stock.slug)

    @cached_property
    def held(self) -> str:
        return self.holds["untouched"]

    @cached_property
    def capture(self) -> str:
        """The request for a capture that waits to be sent."""
        return self.site.ask(lambda: MoneyCommand.objects.get(payment__public_id=self.holds["waiting"]).public_id)

    @cached_property
    def approvals(self) -> dict[str, str]:
        """What waits for a second person, by its mood."""
        return self.site.ask(made.approvals, self.stock.slug)

    @cached_property
    def approval(self) -> str:
        return self.approvals["waiting"]

    @cached_property
    def paid(self) -> str:
        """A payment in JPY that can be refunded."""
        paid = Payment.objects.filter(merchant__slug=self.stock.slug, status="succeeded", currency="JPY")
        # Workers read the stock beside each other, so that rows come in no order.
        return self.site.ask(lambda: paid.earliest("created_at").public_id)

    @cached_property
    def asked_payment(self) -> str:
        """A payment that can be refunded."""
        paid = Payment.objects.filter(merchant__slug=self.stock.slug, livemode=True, status="succeeded", currency="EUR")
        return self.site.ask(lambda: paid.earliest("created_at").public_id)

    @cached_property
    def asked_by_staff(self) -> str:
        """A refund of that payment, which an agent of the staff asked for."""
        return self.site.ask(made.asked_by_staff, self.stock.staff["agent"], self.asked_payment)

    @cached_property
    def busy_payment(self) -> str:
        """A payment with refunds, disputes, a warning and a review."""
        return self.site.ask(lambda: Payment.objects.get(external_id=f"pi_stock{BUSY}").public_id)

    @cached_property
    def noted_payment(self) -> str:
        """A payment that people wrote about at length."""
        return self.site.ask(made.noted, self.refunded)

    @cached_property
    def tagged_payment(self) -> str:
        return self.site.ask(made.tagged, self.refunded)

    @cached_property
    def customer(self) -> str:
        return self.named_customer(BUSY)

    @cached_property
    def deleted_customer(self) -> str:
        return self.named_customer(CUSTOMERS - 1)

    @cached_property
    def noted_customer(self) -> str:
        return self.site.ask(made.noted_customer, self.named_customer(0))

    @cached_property
    def idle_customer(self) -> str:
        return self.site.ask(made.idle_customer, self.stock.slug)

    def named_customer(self, number: int) -> str:
        return self.site.ask(lambda: Customer.objects.get(external_id=f"cus_stock{number}").public_id)

    @cached_property
    def imported(self) -> str:
        return self.event("evt_refund_created_re_stock0")

    @cached_property
    def parked(self) -> str:
        return self.event("evt_stock_waiting")

    @cached_property
    def dead(self) -> str:
        return self.event("evt_stock_dead")

    def event(self, external_id: str) -> str:
        return self.site.ask(lambda: WebhookEvent.objects.get(external_id=external_id).public_id)

    @cached_property
    def good_event(self) -> str:
        return self.site.ask(lambda: WebhookEvent.objects.filter(outcome="changed").latest("pk").public_id)

    @cached_property
    def connections(self) -> dict[str, str]:
        """Public ids of connections in every mood, all of one merchant."""
        return self.site.ask(moods.make)

    @cached_property
    def unclear(self) -> dict[str, str]:
        """Ids of money requests by what is wrong with them."""
        return self.site.ask(made.unclear, self.stock.slug)

    @cached_property
    def told(self) -> dict[str, str]:
        """People who were told a lot: an owner, and one of the staff."""
        return self.site.ask(made.told, self.stock.slug, self.owner, self.stock.staff["financeops"])

    @cached_property
    def failing(self) -> str:
        """A merchant with something on its home page that cannot be shown."""
        return self.site.ask(moods.make_unshowable)

    @property
    def wrong_connection(self) -> str:
        """One with findings."""
        return self.connections["wrong"]

    @cached_property
    def waiting(self) -> str:
        """The session of somebody who gave the password and not yet the code."""
        return self.site.ask(made.half_session, "half@paper-boats.example", provisioned=True)

    @cached_property
    def newcomer(self) -> str:
        """The same without an authenticator."""
        return self.site.ask(made.half_session, "new@paper-boats.example", provisioned=False)

    @cached_property
    def stranger(self) -> str:
        return self.site.ask(lambda: make_person("stranger@nowhere.example").email)

    @cached_property
    def busy(self) -> str:
        """A person with a device that is remembered, and a second session."""
        return self.site.ask(made.busy)

    def link(self, name: str) -> str:
        return self.site.ask(made.links, name)
