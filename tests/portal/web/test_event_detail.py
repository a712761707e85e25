"""What staff read of an event that failed."""

import pytest

from billing.access.roles import StaffRole
from billing.payments.models import Payment
from billing.webhooks.models import WebhookAttempt, WebhookEvent
from tests.billing.deliveries import charge, deliver, event, make_connection, process_all
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


def test_errors_and_tracebacks_name_no_customer():
    stored = deliver(make_connection(make_merchant()), event("charge.succeeded", {"id": "ch_1", "object": "charge"}))
    process_all()
    said = (
        'IntegrityError: new row violates check constraint "payment_amount"\n'
        "DETAIL:  Failing row contains (1, pay_1, Lena\nVogt, 5).\nCONTEXT:  SQL statement"
    )
    WebhookEvent.objects.filter(pk=stored.pk).update(error=said)
    trace = f"Traceback\n  {said}\n\nThe above exception\nValueError: lena@vogt.example"
    WebhookAttempt.objects.filter(event=stored).update(message=said, traceback=trace)
    client = signed_in(make_person(staff_role=StaffRole.ADMIN))
    page = client.get(f"/ops/system/events/{stored.public_id}/").content.decode()
    assert "payment_amount" in page
    assert "CONTEXT:  SQL statement" in page
    assert "The above exception" in page
    assert [name for name in ("Lena", "Vogt", "vogt") if name in page] == []


def test_an_amount_that_its_currency_cannot_have_is_kept_and_told_and_makes_no_payment():
    source = charge(payment_intent=None, amount=50_050, amount_captured=50_050, currency="ugx")
    stored = deliver(make_connection(make_merchant()), event("charge.succeeded", source))
    process_all()
    assert not Payment.objects.exists()
    client = signed_in(make_person(staff_role=StaffRole.ADMIN))
    page = client.get(f"/ops/system/events/{stored.public_id}/").content.decode()
    assert "has an amount that its currency cannot have" in page
    assert "amount is a fraction of UGX, which has none: 50050" in page
