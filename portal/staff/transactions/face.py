"""The page of a payment as staff see it, whoever's it is."""

from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from billing.access.verbs import P
from billing.notes.models import SubjectKind
from billing.payments.models import Payment
from billing.payments.queries import load_of_any_merchant
from portal.access.people_seen import StaffSight
from portal.access.way_back import way_back
from portal.staff.transactions.listing import listing_of
from portal.web.nav import address
from portal.web.payments.load import found_or_404
from portal.web.payments.page import PaymentPage
from portal.web.people.face import Face, Refusals
from portal.web.request import PersonRequest

REFUSALS = Refusals(
    notes=_("Your role reads notes and does not write them. A Platform admin can change your role."),
    people=_("Customers are masked for your role. A Platform admin can change your role."),
    raw="",
    refund=_(
        "Your role asks for no refunds. Support agents and Dispute specialists can, and so can Owners, Admins and"
        " Support of the merchant."
    ),
    hold=_("Owners and Admins of the merchant capture and cancel payments."),
)


def open_page(request: PersonRequest, payment: str, *, sight: type[StaffSight] = StaffSight) -> PaymentPage:
    """``payment`` is a public id. Raises Http404."""
    record = found_or_404(load_of_any_merchant, payment)
    merchant, livemode = record.payment.merchant, record.payment.livemode
    back = way_back(request)

    def neighbours(shown: Payment) -> tuple[str, str]:
        listing = listing_of(request, back)
        return listing.neighbours(shown) if listing else ("", "")

    one, theirs = {"payment": payment}, {"merchant": merchant.slug}
    own = address("merchant:transaction", {**theirs, "mode": "live" if livemode else "test", **one})
    visit = f"{address('ops:merchant_visit', theirs)}?{urlencode({'next': own}, safe='/')}"
    face = Face(
        list_url=address("ops:transactions"),
        events_url=address("ops:events") if request.can(P.OPS_EVENTS_VIEW) else "",
        reveal_url=address("ops:transaction_reveal", one),
        note_url=address("ops:transaction_note", one),
        refund_url=address("ops:refund_new", one) if request.can(P.OPS_REFUND_ASK) else "",
        refunds_url=f"{address('ops:transaction', one)}refunds/",
        approvals_url=address("ops:approvals") if request.can(P.OPS_APPROVALS_DECIDE) else "",
        back=back,
        neighbours=neighbours,
        sight=sight(request, merchant, SubjectKind.PAYMENT, payment),
        for_staff=True,
        may_write_notes=request.can(P.OPS_NOTES_WRITE),
        may_see_raw=True,
        refusals=REFUSALS,
        merchant_url=address("ops:merchant", theirs) if request.can(P.OPS_MERCHANTS_VIEW) else "",
        visit_url=visit if request.can(P.OPS_MERCHANTS_ENTER) else "",
    )
    return PaymentPage(request, face, record)
