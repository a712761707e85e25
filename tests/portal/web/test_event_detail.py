"""What staff read of an event that failed."""

import pytest

from billing.access.roles import StaffRole
from billing.webhooks.models import WebhookAttempt, WebhookEvent
from tests.billing.deliveries import deliver, event, make_connection, process_all
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
