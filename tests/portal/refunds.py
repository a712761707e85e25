"""Asking for refunds as the pages do it: addresses, what a browser sends, and what it is answered."""

import re
import uuid
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client

from billing.payments.models import Payment
from tests.portal.fragments import text_of
from tests.portal.payments import address


def form_of(payment: Payment, rest: str = "", mode: str = "test") -> str:
    return address(payment.merchant, f"transactions/{payment.public_id}/refund/{rest}", mode)


def typed(payment: Payment, **fields: Any) -> dict[str, Any]:
    """What a browser sends of a form that was filled in, for a partial refund of 12.30."""
    base = {"how": "part", "amount": "12.30", "reason": "customer_request", "note": "", "seen_left": payment.amount}
    return {**base, "form_key": str(uuid.uuid4()), **fields}


def review(client: Client, payment: Payment, **fields: Any) -> HttpResponse:
    return client.post(form_of(payment, "review/"), typed(payment, **fields))


def issue(client: Client, payment: Payment, **fields: Any) -> HttpResponse:
    return client.post(form_of(payment), typed(payment, **fields))


def words(answer: HttpResponse) -> str:
    return text_of(answer.content.decode())


def errors(answer: HttpResponse) -> list[str]:
    """What the summary above a refused form says, line by line."""
    page = answer.content.decode()
    summary = page[page.index('id="error-summary"') :].split("</div>")[0]
    return [unescape(each) for each in re.findall(r"<a [^>]*>(.*?)</a>", summary)]
