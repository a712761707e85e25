"""The page of a refund as the merchant's own people see it, and their guests."""

from django.http import Http404

from billing.access.verbs import P
from billing.merchants.models import Merchant
from billing.refunds.models import Refund
from billing.refunds.queries import load_refund
from portal.access.way_back import way_back
from portal.merchant.lists import list_url
from portal.merchant.transactions.face import open_page
from portal.web.refunds.page import RefundFace, RefundPage
from portal.web.request import MerchantRequest


def open_refund(request: MerchantRequest, merchant: Merchant, livemode: bool, refund: str) -> RefundPage:
    """``refund`` is a public id, of a refund or of a request of which none is known. Raises Http404."""
    try:
        record = load_refund(merchant, livemode, refund)
    except Refund.DoesNotExist:
        raise Http404 from None
    payments = open_page(request, merchant, livemode, record.facts.payment.public_id)
    refunds, may_refund = list_url("refunds", merchant, livemode), request.can(P.REFUND_ISSUE)
    face = RefundFace(
        base_url=refunds,
        back=way_back(request),
        may_withdraw=lambda command: may_refund,
        may_send_receipts=may_refund,
        batches_url=f"{refunds}batches/",
    )
    return RefundPage(record, payments, face)
