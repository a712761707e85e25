import pytest

from billing.invoices.models import ProviderInvoice
from billing.webhooks.models import WebhookEvent
from tests.billing.deliveries import deliver_all, event, make_connection
from tests.billing.providers.stripe_objects import INVOICE

pytestmark = pytest.mark.django_db

STUB = {"id": "in_1", "object": "invoice", "deleted": True}


def test_a_stub_leaves_what_was_known_of_an_invoice():
    account = make_connection()
    deliver_all(account, [event("invoice.created", {**INVOICE, "status": "draft"})])
    deliver_all(account, [event("invoice.deleted", STUB)])
    row = ProviderInvoice.objects.get()
    assert (row.deleted, row.provider_status) == (True, "draft")
    assert (row.total, row.currency, len(row.lines)) == (5040, "EUR", 1)


def test_a_stub_may_come_first():
    account = make_connection()
    deliver_all(account, [event("invoice.deleted", STUB)])
    deliver_all(account, [event("invoice.created", {**INVOICE, "status": "draft"})])
    row = ProviderInvoice.objects.get()
    assert (row.deleted, row.provider_status, row.total) == (True, "draft", 5040)


def test_a_stub_of_an_invoice_that_was_never_seen_is_kept():
    deliver_all(make_connection(), [event("invoice.deleted", STUB)])
    row = ProviderInvoice.objects.get()
    assert (row.external_id, row.deleted, row.total) == ("in_1", True, 0)
    assert list(WebhookEvent.objects.values_list("state", flat=True)) == ["done"]
