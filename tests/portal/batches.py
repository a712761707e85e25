"""Refunding several payments as the pages do it: addresses, and what a browser sends."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.test import Client

from billing.commands.models import CommandBatch
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from tests.portal.fragments import text_of
from tests.portal.payments import address


def asking(shop: Merchant) -> str:
    return address(shop, "transactions/bulk/refund/")


def page_of(batch: CommandBatch, rest: str = "") -> str:
    return address(batch.merchant, f"refunds/batches/{batch.public_id}/{rest}")


def form_page(client: Client, shop: Merchant, payments: Sequence[Payment], **more: Any) -> HttpResponse:
    return client.get(asking(shop), {"row": [each.public_id for each in payments], **more})


def items(payments: Sequence[Payment]) -> list[str]:
    return [f"{each.public_id}:{each.amount}" for each in payments]


def send(client: Client, shop: Merchant, payments: Sequence[Payment], **fields: Any) -> HttpResponse:
    """The form as it was filled in."""
    values = {"item": items(payments), "reason": "goodwill", "note": "Tour called off", **fields}
    return client.post(asking(shop), {"form_key": str(uuid.uuid4()), "of": "EUR", **values})


def words(answer: HttpResponse) -> str:
    return " ".join(text_of(answer.content.decode()).split())
