"""The audit log as its pages and files show it."""

import csv
import io
import re

from django.http import HttpResponseBase

from billing.audit.actor import Actor
from billing.audit.models import AuditEvent
from billing.audit.record import record
from billing.merchants.models import Merchant
from tests.portal.payments import address

LENA = Actor("user", "usr_lena", "Lena Vogt", request_id="req_1", address="192.0.2.7")


def log(shop: Merchant, rest: str = "", mode: str = "test") -> str:
    """Addresses of a merchant's log."""
    return address(shop, f"settings/audit/{rest}", mode)


def act(shop: Merchant | None = None, **fields: object) -> AuditEvent:
    """An act in a merchant's chain, or in the platform's."""
    values = {"actor": LENA, "action": "tag.added", "object_type": "tag", "object_id": "vip", "after": {"count": 1}}
    return record(merchant_id=shop.pk if shop else None, **{**values, **fields})


def keys(page: HttpResponseBase) -> list[str]:
    """``platform-7``: chain and number of the rows of a page, in order."""
    return re.findall(r'<tr data-row="([^"]*)"', page.content.decode())


def numbers(page: HttpResponseBase) -> list[int]:
    """The same without the chain."""
    return [int(key.rpartition("-")[2]) for key in keys(page)]


def body_of(response: HttpResponseBase) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def lines_of(response: HttpResponseBase) -> list[dict[str, str]]:
    """The rows of a file by their columns."""
    return list(csv.DictReader(io.StringIO(body_of(response).decode(), newline="")))
