"""Everything that the page of one customer shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.access.verbs import P
from billing.customers.models import Customer, PaymentMethod
from billing.customers.queries import methods_of
from billing.merchants.models import Merchant
from billing.mirror.models import MirroredQuerySet
from billing.notes.models import SubjectKind
from billing.payments.models import Payment, PaymentQuerySet
from billing.payments.queries import of_customer
from billing.refunds.models import Refund
from disputes.chargebacks.models import Dispute
from portal.access.people_seen import Sight
from portal.access.way_back import way_back
from portal.merchant.customers.figures import Figures, figures_of
from portal.merchant.customers.latest import Row, Teller
from portal.merchant.customers.listing import load_customers
from portal.merchant.lists import list_url
from portal.merchant.transactions.face import FOR_GUESTS, REFUSALS
from portal.web.json_text import hidden
from portal.web.masking import mask_email, mask_name, mask_phone
from portal.web.methods import WALLETS, method_text
from portal.web.money_lists.panel import connection_label
from portal.web.nav import address
from portal.web.note_answers import THREAD
from portal.web.people.face import Face
from portal.web.people.page import PeoplePage
from portal.web.request import MerchantRequest
from reports.figures.customer import lifetimes

DETAIL = "merchant/customers/detail.html"
# Staff have no page of customers to write on.
_FOR_GUESTS = replace(FOR_GUESTS, notes=_("You are only looking here. Notes about customers are the merchant’s."))


@dataclass(frozen=True, slots=True)
class Method:
    row: PaymentMethod
    text: str
    wallet: str
    usual: bool
    expired: bool


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest of a kind; ``all_url`` leads to the list of all of them."""

    name: str
    title: str
    rows: Sequence[Row]
    all_url: str


class CustomerPage(PeoplePage):
    kind = SubjectKind.CUSTOMER
    noun = "customer"
    template = DETAIL
    panels = {
        **{name: f"{DETAIL}#{name}" for name in ("summary", "figures", "latest", "methods", "customer", "details")},
        "notes": THREAD,
    }

    def __init__(self, request: MerchantRequest, face: Face, customer: Customer) -> None:
        super().__init__(request, face, customer)
        self.customer = customer

    @property
    def topics(self) -> str:
        # Payments name their customer as the processor does.
        return f"{self.topic} {self.customer.external_id}"

    # --- Who it is ---
    @property
    def names(self) -> Sequence[str]:
        return [self.customer.name]

    @property
    def title(self) -> str:
        # The window's title stays when what was shown for a while is masked again.
        hidden = self.livemode or self.is_masked
        name = mask_name(self.customer.name) if hidden else self.customer.name
        return gettext("Customer %(who)s") % {"who": name or self.customer.external_id}

    @property
    def has_somebody(self) -> bool:
        who = self.customer
        return bool(who.name or who.email or who.phone or who.description or who.metadata)

    @property
    def customer_name(self) -> str:
        return mask_name(self.customer.name) if self.is_masked else self.customer.name

    @property
    def email(self) -> str:
        return mask_email(self.customer.email) if self.is_masked else self.customer.email

    @property
    def phone(self) -> str:
        return mask_phone(self.customer.phone) if self.is_masked else self.customer.phone

    @property
    def description(self) -> str:
        # Whatever merchants write about somebody tells who that is.
        return hidden() if self.is_masked and self.customer.description else self.customer.description

    @cached_property
    def metadata(self) -> Sequence[tuple[str, str]]:
        # Pairs: a template would take a key called "items" for the method.
        return list(self._redacted(self.customer.metadata).items())

    @property
    def connection(self) -> str:
        return connection_label(self.customer.account)

    # --- What they pay with ---
    @cached_property
    def methods(self) -> list[Method]:
        today = clock.now().astimezone(self.merchant.zone).date()
        return [_method(each, self.customer, (today.year, today.month)) for each in methods_of(self.customer)]

    @property
    def usual_method(self) -> str:
        return next((each.text for each in self.methods if each.usual), "")

    # --- What they paid ---
    @cached_property
    def payments(self) -> PaymentQuerySet:
        whose = (self.merchant, self.livemode)
        own = Customer.objects.for_merchant(*whose)
        return of_customer(Payment.objects.for_merchant(*whose), own, self.customer.public_id)

    @property
    def refunds(self) -> MirroredQuerySet[Refund]:
        return Refund.objects.for_merchant(self.merchant, self.livemode).filter(payment__in=self.payments)

    @property
    def disputes(self) -> MirroredQuerySet[Dispute]:
        return Dispute.objects.for_merchant(self.merchant, self.livemode).filter(payment__in=self.payments)

    @cached_property
    def figures(self) -> Figures:
        return figures_of(lifetimes(self.payments, self.disputes), self.list_of)

    def list_of(self, name: str, **filters: Any) -> str:
        """The list of what is this customer's; ``filters`` as in its address."""
        asked = {"status": filters.pop("status", ""), "currency": filters.pop("currency", "")}
        asked |= {"customer": self.customer.public_id, **filters}
        query = urlencode({name: value for name, value in asked.items() if value}, doseq=True)
        return f"{list_url(name, self.merchant, self.livemode)}?{query}"

    @cached_property
    def latest(self) -> list[Latest]:
        """Kinds of which there are any; three queries."""
        # From there one walks through what they paid, and back to the list of it.
        back = urlencode({"back": self.list_of("transactions")}, safe="/")
        root = list_url("transactions", self.merchant, self.livemode)
        teller = Teller(self.shown, lambda payment: f"{root}{payment.public_id}/?{back}")
        found = [
            Latest("payments", gettext("Payments"), teller.payments(self.payments), self.list_of("transactions")),
            Latest("refunds", gettext("Refunds"), teller.refunds(self.refunds), self.list_of("refunds")),
            Latest("disputes", gettext("Disputes"), teller.disputes(self.disputes), self.list_of("disputes")),
        ]
        return [each for each in found if each.rows]


def open_page(request: MerchantRequest, merchant: Merchant, livemode: bool, customer: str) -> CustomerPage:
    """``customer`` is a public id. Raises Http404."""
    known = Customer.objects.for_merchant(merchant, livemode).select_related("account").defer("account__api_key")
    found = known.filter(public_id=customer).first()
    if found is None:
        raise Http404
    found.merchant = merchant
    back = way_back(request)

    def neighbours(shown: Customer) -> tuple[str, str]:
        path, _mark, query = back.partition("?")
        listing = load_customers(request, merchant, livemode, data=QueryDict(query))
        return listing.neighbours(shown) if path == listing.address.path and listing.is_valid else ("", "")

    where = {"merchant": merchant.slug, "mode": "live" if livemode else "test"}
    face = Face(
        list_url=list_url("customers", merchant, livemode),
        events_url=address("merchant:events", where) if request.can(P.EVENTS_VIEW) else "",
        reveal_url=address("merchant:customer_reveal", {**where, "customer": customer}),
        note_url=address("merchant:customer_note", {**where, "customer": customer}),
        back=back,
        neighbours=neighbours,
        sight=Sight(request, SubjectKind.CUSTOMER, customer),
        for_staff=False,
        may_write_notes=request.can(P.NOTES_WRITE),
        may_see_raw=False,
        refusals=_FOR_GUESTS if request.visit else REFUSALS,
    )
    return CustomerPage(request, face, found)


def _method(row: PaymentMethod, customer: Customer, month: tuple[int, int]) -> Method:
    return Method(
        row,
        text=method_text(row.method_type, row.brand, row.last4),
        wallet=str(WALLETS.get(row.wallet, row.wallet)),
        usual=row.external_id == customer.default_method_id,
        # A card is good until its month is over.
        expired=bool(row.exp_year and row.exp_month and (row.exp_year, row.exp_month) < month),
    )
