"""A customer hears once that a refund was made, and once more if that turns out to be wrong."""

from datetime import timedelta
from email import policy
from email.parser import BytesParser

import pytest
from django.core import mail as post
from django.core.mail import EmailMessage

from billing import clock
from billing.audit.models import AuditEvent
from billing.commands import settle
from billing.commands.models import METADATA
from billing.outbox.models import OutboxEvent
from billing.payments.models import Payment
from billing.queue.claim import FRESH, claim
from billing.queue.models import State
from billing.refunds.models import ReceiptKind, ReceiptOutcome, Refund, RefundReceipt
from portal.notifications import mail_server
from portal.notifications.receipts import RECEIPTS, send_receipts
from tests.billing.deliveries import make_connection
from tests.portal.follow_ups import tell
from tests.portal.money import write_customer, write_refund
from tests.portal.notifications.desk import relay
from tests.portal.notifications.test_mail import server, smtp
from tests.portal.payments import pay
from tests.portal.people import make_merchant
from tests.portal.receipts import asked, come_back, mails, refunded, send_mails

pytestmark = pytest.mark.django_db
CORRECTION = ReceiptKind.CORRECTION


@pytest.fixture(autouse=True)
def _rested(monkeypatch):
    monkeypatch.setattr(mail_server, "_rests_until", 0.0)


@pytest.fixture
def shop():
    return make_merchant("acme")


@pytest.fixture
def payment(shop):
    return pay(make_connection(shop, livemode=True), reference="AO-48291")


def again() -> None:
    """The outbox hands on everything once more."""
    OutboxEvent.objects.update(state=State.PENDING, attempts=0)
    for event in OutboxEvent.objects.all():
        event.deliveries.all().delete()
    relay()


def sent() -> list[EmailMessage]:
    return [mail for mail in post.outbox if "@vogt.example" in mail.to[0]]


def outcome(refund: Refund, kind: str = ReceiptKind.RECEIPT) -> str:
    return mails(refund, kind)[-1].outcome


# --- Once ---
def test_a_refund_that_succeeded_is_told_to_its_customer(payment):
    refund = refunded(payment)
    assert sent() == []
    send_mails()
    (receipt,) = mails(refund)
    assert [mail.to for mail in sent()] == [["lena@vogt.example"]]
    assert (receipt.outcome, receipt.address, receipt.state) == ("sent", "lena@vogt.example", State.DONE)
    assert receipt.sent_at is not None


def test_one_of_which_nobody_asked_that_is_not(payment):
    refund = refunded(payment, receipt=False)
    send_mails()
    assert mails(refund) == sent() == []


def test_one_that_was_made_elsewhere_is_not(payment):
    write_refund(payment)
    again()
    assert not RefundReceipt.objects.exists()


def test_nobody_is_told_before_it_succeeded(payment):
    _, source = asked(payment, status="pending")
    tell(payment, ("refund.created", source, 200))
    relay()
    assert not RefundReceipt.objects.exists()
    tell(payment, ("refund.updated", {**source, "status": "succeeded"}, 300))
    relay()
    assert len(mails(Refund.objects.get())) == 1


def test_one_that_never_succeeds_is_told_to_nobody(payment):
    _, source = asked(payment, status="pending")
    tell(payment, ("refund.created", source, 200), ("refund.failed", {**source, "status": "failed"}, 300))
    relay()
    send_mails()
    assert sent() == []
    assert not RefundReceipt.objects.exists()


def test_facts_that_come_again_tell_nobody_again(payment):
    refund = refunded(payment)
    again()
    send_mails()
    again()
    tell(payment, ("refund.updated", {**_source(refund), "destination_details": _arn("745")}, 500))
    relay()
    send_mails()
    assert len(mails(refund)) == len(sent()) == 1


def test_what_a_person_settles_with_a_refund_of_elsewhere_is_told_as_well(payment):
    command, _ = asked(payment)
    made = write_refund(payment, amount=command.amount, external_id="re_by_hand")
    settle.succeed(command=command, external_id="re_by_hand", by_hand=True, reason="Seen at Stripe.")
    relay()
    send_mails()
    assert made.public_id != command.public_id
    assert outcome(made) == "sent"


def test_each_refund_of_a_payment_is_told(payment):
    for _ in range(2):
        refunded(payment, minor=700)
    send_mails()
    assert len(sent()) == 2


def test_in_test_mode_nobody_is_written_to(shop):
    refund = refunded(pay(make_connection(shop)))
    again()
    send_mails()
    assert post.outbox == []
    assert mails(refund) == []
    # Nor by a row that should not be there.
    receipt = RefundReceipt.objects.create(refund=refund, kind=ReceiptKind.RECEIPT, requested_at=clock.now())
    send_mails()
    receipt.refresh_from_db()
    assert (receipt.outcome, post.outbox) == (ReceiptOutcome.OVERTAKEN, [])


# --- When it was wrong ---
def test_one_that_fails_afterwards_is_corrected_once(payment):
    refund = refunded(payment)
    send_mails()
    come_back(refund)
    again()
    send_mails()
    assert len(mails(refund, CORRECTION)) == 1
    assert [mail.subject for mail in sent()] == ["Refund of €12.30 from Acme", "Your refund of €12.30 from Acme failed"]


def test_one_that_fails_before_the_mail_went_out_is_told_to_nobody(payment):
    refund = refunded(payment)
    come_back(refund)
    send_mails()
    assert sent() == []
    assert outcome(refund) == ReceiptOutcome.OVERTAKEN
    assert mails(refund, CORRECTION) == []


def test_one_that_fails_while_the_mail_goes_out_is_corrected(payment):
    refund = refunded(payment)
    lease = claim(RefundReceipt, FRESH, limit=1, now=clock.now())
    rows = list(RefundReceipt.objects.filter(pk__in=lease.ids))
    write = send_receipts(rows)
    come_back(refund)
    assert mails(refund, CORRECTION) == []
    write(rows)
    assert len(mails(refund, CORRECTION)) == 1


def test_a_correction_goes_to_whoever_read_the_receipt(payment):
    refund = refunded(payment)
    send_mails()
    Payment.objects.update(customer_email="new@vogt.example")
    come_back(refund)
    send_mails()
    assert [mail.to for mail in sent()] == [["lena@vogt.example"]] * 2


# --- To whom ---
def test_the_customers_own_address_serves_where_the_payment_has_none(payment):
    refunded(payment)
    Payment.objects.update(customer_email="", customer_external_id="cus_lena")
    write_customer(payment.account, external_id="cus_lena", email="own@vogt.example")
    send_mails()
    assert [mail.to for mail in sent()] == [["own@vogt.example"]]


def test_whoever_was_deleted_is_not_written_to(payment):
    refund = refunded(payment)
    Payment.objects.update(customer_external_id="cus_lena")
    write_customer(payment.account, external_id="cus_lena", email="lena@vogt.example", deleted=True)
    send_mails()
    assert (sent(), outcome(refund)) == ([], ReceiptOutcome.DELETED)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "lena",
        "lena@vogt.example, all@vogt.example",
        "lena@vogt.example\nBcc: all@vogt.example",
        "Lena <lena@vogt.example>",
        "lena@vogt.example ",
    ],
)
def test_what_is_no_address_is_not_written_to(payment, typed):
    refund = refunded(payment)
    Payment.objects.update(customer_email=typed)
    send_mails()
    assert (post.outbox, outcome(refund)) == ([], ReceiptOutcome.NO_ADDRESS)


# --- What it says ---
def test_the_mail_tells_how_much_whereto_when_and_whom_to_ask(payment, settings):
    settings.PUBLIC_URL = "https://pay.shop.example"
    settings.DEFAULT_FROM_EMAIL = "Counterfoil <money@shop.example>"
    refund = refunded(payment, destination_details=_arn("74537606324"))
    send_mails()
    (mail,) = sent()
    text, html = _parts(mail)
    for part in (text, html):
        for words in ("Acme has refunded you €12.30.", "Visa •••• 4242", "74537606324", refund.public_id):
            assert words in part
        assert "5–10 business days" in part
        assert "Questions? Ask Acme." in part
        # Both chosen by whoever paid, who need not be whoever reads this.
        assert "AO-48291" not in part
        assert "Lena" not in part
    assert mail.from_email == "Acme <money@shop.example>"
    assert mail.message()["Message-ID"] == f"<{mails(refund)[0].public_id}@pay.shop.example>"
    assert mail.message()["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("languages", "amount", "day"),
    [
        ("fr-CA,en", "12,30\u00a0€", "20 nov. 2026"),
        ("de,fr", "12,30\u00a0€", "20 nov. 2026"),
        ("de", "€12.30", "20 Nov 2026"),
    ],
)
def test_it_is_written_as_the_customer_reads(payment, languages, amount, day):
    refund = refunded(payment)
    Refund.objects.update(created_at="2026-11-20T12:00Z")
    Payment.objects.update(customer_external_id="cus_lena")
    write_customer(payment.account, external_id="cus_lena", email="", languages=languages)
    send_mails()
    (mail,) = sent()
    for part in _parts(mail):
        assert amount in part
        assert day in part
    assert refund.public_id in mail.body


HOSTILE = 'Acme\r\nBcc: all@evil.example\u202e <script>alert("x")</script> & متجر, "Söhne"'


def test_a_hostile_name_breaks_neither_head_nor_body(payment, shop):
    shop.name = HOSTILE
    shop.save(update_fields=["name"])
    refunded(payment)
    send_mails()
    (mail,) = sent()
    parsed = BytesParser(policy=policy.default).parsebytes(mail.message().as_bytes())
    text, html = _parts(mail)
    shown = 'Acme Bcc: all@evil.example <script>alert("x")</script> & متجر, "Söhne"'
    assert parsed["Bcc"] is None
    assert parsed["To"] == "lena@vogt.example"
    assert len(parsed["From"].addresses) == 1
    assert parsed["From"].addresses[0].display_name == shown
    assert parsed["Subject"].strip() == f"Refund of €12.30 from {shown}"
    assert f"{shown} has refunded you €12.30." in text.splitlines()
    assert "<script" not in html
    assert "\u202e" not in text + html + parsed["Subject"] + parsed["From"]


# --- A server that does not take it ---
def test_a_server_that_is_away_gets_it_when_it_is_back(payment, monkeypatch):
    refund = refunded(payment)
    with smtp(1):
        send_mails()
    (waiting,) = mails(refund)
    assert (waiting.state, waiting.attempts, waiting.outcome) == (State.PENDING, 0, "")
    assert "lena" not in waiting.error
    monkeypatch.setattr(mail_server, "_rests_until", 0.0)
    RefundReceipt.objects.update(next_attempt_at=clock.now())
    send_mails()
    assert len(sent()) == 1


def test_an_address_that_the_server_refuses_ends_it(payment, caplog):
    refund = refunded(payment)
    with server("550 no such person as lena@vogt.example"):
        send_mails()
    (refused,) = mails(refund)
    assert (refused.state, refused.outcome, refused.address) == (State.DONE, ReceiptOutcome.REFUSED, "")
    assert "lena@" not in refused.error + caplog.text


def test_after_three_days_it_is_old_news(payment, time_machine):
    refund = refunded(payment)
    time_machine.move_to(clock.now() + timedelta(days=3, minutes=1))
    send_mails()
    assert (sent(), outcome(refund)) == ([], ReceiptOutcome.NOT_TAKEN)


def test_a_worker_that_dies_after_the_mail_went_out_sends_the_same_mail(payment):
    refund = refunded(payment)
    claim(RefundReceipt, FRESH, limit=1, now=clock.now())
    send_receipts(mails(refund))
    RefundReceipt.objects.update(lease_until="2000-01-01T00:00Z")
    send_mails()
    assert len({mail.message()["Message-ID"] for mail in sent()}) == 1
    assert [each.outcome for each in mails(refund)] == ["sent"]


def test_a_slow_mail_server_holds_up_no_money():
    assert RECEIPTS.asks
    assert RECEIPTS.pool == "documents"


def test_the_trail_tells_that_it_was_sent_and_names_nobody(payment):
    refund = refunded(payment)
    send_mails()
    row = AuditEvent.objects.get(action="refund.receipt_sent")
    assert (row.object_id, row.actor_kind, row.after) == (refund.public_id, "system", {"kind": "receipt", "count": 1})


def _source(refund: Refund) -> dict[str, object]:
    return {
        "id": refund.external_id,
        "object": "refund",
        "created": int(refund.created_at.timestamp()),
        "charge": refund.charge_id,
        "payment_intent": refund.payment.external_id,
        "currency": refund.currency.lower(),
        "amount": refund.amount,
        "status": "succeeded",
        "livemode": True,
        "metadata": {METADATA: refund.metadata[METADATA]},
    }


def _arn(reference: str) -> dict[str, object]:
    return {"card": {"reference": reference, "reference_status": "available", "type": "refund"}, "type": "card"}


def _parts(mail: EmailMessage) -> tuple[str, str]:
    """The text and the markup."""
    html, kind = mail.alternatives[0]  # type: ignore[attr-defined]
    assert kind == "text/html"
    return mail.body, html
