"""Refunding several payments as the pages do it: who asks, addresses, and what a browser sends."""

import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from billing.access.roles import MerchantRole
from billing.commands.models import CommandBatch
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.providers.models import ProviderAccount
from portal.accounts.user import User
from tests.portal.fragments import text_of
from tests.portal.payments import address, pay
from tests.portal.people import make_person, signed_in


@pytest.fixture
def owner(shop: Merchant) -> User:
    return make_person(merchant=shop, role=MerchantRole.OWNER)


@pytest.fixture
def agent(shop: Merchant) -> User:
    return make_person(merchant=shop, role=MerchantRole.SUPPORT)


@pytest.fixture
def client(agent: User, owner: User) -> Client:
    return signed_in(agent)


@pytest.fixture
def payments(account: ProviderAccount) -> list[Payment]:
    return [pay(account, reference=f"TR-{number}", amount=1_000 * number) for number in (1, 2, 3)]


def asking(shop: Merchant) -> str:
    return address(shop, "transactions/bulk/refund/")


def page_of(batch: CommandBatch, rest: str = "") -> str:
    return address(batch.merchant, f"refunds/batches/{batch.public_id}/{rest}")


def form_page(client: Client, shop: Merchant, payments: Sequence[Payment], **more: Any) -> HttpResponse:
    return client.get(asking(shop), {"row": [each.public_id for each in payments], **more})


def items(payments: Sequence[Payment]) -> list[str]:
    return [f"{each.public_id}:{each.amount}" for each in payments]


def send(
    client: Client, shop: Merchant, payments: Sequence[Payment], *, chosen: Sequence[Payment] = (), **fields: Any
) -> HttpResponse:
    """The form as it was filled in. ``chosen`` are in its address: all that was ticked in the list."""
    values = {"item": items(payments), "reason": "goodwill", "note": "Tour called off", **fields}
    rows = urlencode([("row", each.public_id) for each in chosen])
    return client.post(f"{asking(shop)}?{rows}", {"form_key": str(uuid.uuid4()), "of": "EUR", **values})


def words(answer: HttpResponse) -> str:
    return " ".join(text_of(answer.content.decode()).split())
