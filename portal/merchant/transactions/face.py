"""The page of a payment as the merchant's own people see it, and their guests."""

from django.utils.translation import gettext_lazy as _

from billing.access.verbs import P
from billing.merchants.models import Merchant
from billing.notes.models import SubjectKind
from billing.payments.models import Payment
from billing.payments.queries import load_for_merchant
from portal.access.people_seen import Sight
from portal.access.way_back import way_back
from portal.merchant.lists import list_url
from portal.merchant.transactions.listing import listing_of
from portal.web.nav import address
from portal.web.payments.load import found_or_404
from portal.web.payments.page import PaymentPage
from portal.web.people.face import Face, Refusals
from portal.web.request import MerchantRequest

REFUSALS = Refusals(
    notes=_("Your role reads notes and does not write them. An Owner or Admin can change your role."),
    people=_("Customers of live payments are masked for your role. An Owner or Admin can change your role."),
    raw=_("Raw data is for Owners, Admins and Developers."),
    refund=_(
        "Your role does not let you refund payments. Owners, Admins and Support can, and an Owner or Admin can change"
        " your role."
    ),
    hold=_("Your role does not let you capture or cancel payments. An Owner or Admin can do it, or change your role."),
)
# Whoever looks as staff has no role here that an Owner could change.
FOR_GUESTS = Refusals(
    notes=_("You are only looking here. Notes are written on the staff’s page of this payment."),
    people=_("Customers are masked for staff who look at a merchant’s pages."),
    raw=_("Raw data is for Owners, Admins and Developers of the merchant."),
    refund=_("You are only looking here. Refunds are asked for on the staff’s page of this payment."),
    hold=_("You are only looking here. Owners and Admins of the merchant capture and cancel payments."),
)


def open_page(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> PaymentPage:
    """``payment`` is a public id. Raises Http404."""
    record = found_or_404(load_for_merchant, merchant, livemode, payment)
    back = way_back(request)

    def neighbours(shown: Payment) -> tuple[str, str]:
        listing = listing_of(request, merchant, livemode, back)
        return listing.neighbours(shown) if listing else ("", "")

    where = {"merchant": merchant.slug, "mode": "live" if livemode else "test"}
    may_write = request.can(P.NOTES_WRITE)
    face = Face(
        list_url=list_url("transactions", merchant, livemode),
        events_url=address("merchant:events", where) if request.can(P.EVENTS_VIEW) else "",
        customers_url=list_url("customers", merchant, livemode) if request.can(P.CUSTOMERS_VIEW) else "",
        reveal_url=address("merchant:transaction_reveal", {**where, "payment": payment}),
        note_url=address("merchant:transaction_note", {**where, "payment": payment}),
        tags_url=address("merchant:transaction_tags", {**where, "payment": payment}) if may_write else "",
        refunds_url=list_url("refunds", merchant, livemode),
        refund_url=address("merchant:refund_new", {**where, "payment": payment}) if request.can(P.REFUND_ISSUE) else "",
        explain_url=address("merchant:balance_payment", {**where, "payment": payment})
        if request.can(P.BALANCE_VIEW)
        else "",
        approvals_url=address("merchant:approvals", where) if request.can(P.APPROVALS_DECIDE) else "",
        back=back,
        neighbours=neighbours,
        sight=Sight(request, SubjectKind.PAYMENT, payment),
        for_staff=False,
        may_write_notes=may_write,
        may_see_raw=request.can(P.PAYMENTS_RAW),
        may_end_holds=request.can(P.HOLD_END),
        refusals=FOR_GUESTS if request.visit else REFUSALS,
    )
    return PaymentPage(request, face, record)
