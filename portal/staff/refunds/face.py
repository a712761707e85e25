"""The page of a refund as staff see it, below that of its payment."""

from django.http import Http404

from billing.access.verbs import P
from billing.commands.models import MoneyCommand
from billing.refunds.models import Refund
from billing.refunds.queries import load_refund
from portal.access.way_back import way_back
from portal.staff.transactions.face import open_page
from portal.web.refunds.page import RefundFace, RefundPage
from portal.web.request import PersonRequest


def open_refund(request: PersonRequest, payment: str, refund: str) -> RefundPage:
    """By public ids; ``refund`` may be that of a request of which no refund is known. Raises Http404."""
    payments = open_page(request, payment)
    try:
        record = load_refund(payments.merchant, payments.livemode, refund)
    except Refund.DoesNotExist:
        raise Http404 from None
    if record.facts.payment_id != payments.payment.pk:
        raise Http404

    def may_withdraw(command: MoneyCommand) -> bool:
        return request.can(P.OPS_REFUND_ASK) and command.requested_by_id == request.actor.id

    return RefundPage(record, payments, RefundFace(payments.face.refunds_url, way_back(request), may_withdraw))
