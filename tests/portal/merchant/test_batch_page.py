"""What the pages tell of refunds that were asked for together, and who may do what with them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole
from billing.approvals.decide import approve, reject
from billing.commands import settle
from billing.commands.doubts import in_doubt
from billing.commands.models import CommandState, MoneyCommand
from billing.payments.models import Payment
from billing.providers.models import ConnectionStatus
from billing.refunds.issue_batch import BatchTerms
from billing.refunds.reasons import RefundReason
from tests.billing.deliveries import T0, deliver_all, event, make_connection
from tests.portal import asked
from tests.portal.batches import agent, client, owner, page_of, payments, words
from tests.portal.follow_ups import dispute
from tests.portal.fragments import element, row_of, rows_of
from tests.portal.money import write_refund
from tests.portal.payments import address, pay
from tests.portal.people import make_merchant, make_person, signed_in

__all__ = ["agent", "client", "owner", "payments"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(payments, agent):
    return asked.batch(payments, agent)


# --- Its page ---
def test_it_tells_how_far_it_is(client, batch, owner):
    approve(approval=asked.approval_of(batch), by=asked.actor(owner))
    first, second, _third = batch.commands.order_by("pk")
    MoneyCommand.objects.filter(pk__in=[first.pk, second.pk]).update(command_state="sending", first_sent_at=clock.now())
    first.refresh_from_db(), second.refresh_from_db()
    settle.succeed(command=first, external_id="re_1")
    settle.fail(command=second, code="charge_disputed", message="No.")
    page = words(client.get(page_of(batch)))
    assert "1 refund is on its way" in page
    assert "1 refund was not carried out." in page
    assert "Stop 1 that is not sent yet" in page


def test_it_says_what_failed_and_why(client, batch, owner):
    approve(approval=asked.approval_of(batch), by=asked.actor(owner))
    for command in batch.commands.all():
        settle.fail(command=command, code="approval_void", message="")
    page = words(client.get(page_of(batch)))
    assert "3 refunds were not carried out." in page
    assert page.count("The approval does not stand any more. Ask for it again.") == 3


def test_of_what_nobody_knows_it_says_to_wait(client, batch, owner):
    approve(approval=asked.approval_of(batch), by=asked.actor(owner))
    now = clock.now()
    batch.commands.update(command_state="sending", first_sent_at=now)
    batch.commands.update(command_state="unknown", unknown_since=now)
    page = words(client.get(page_of(batch)))
    assert "Of 3 nobody knows yet whether they were made." in page
    assert "do not refund it elsewhere meanwhile" in page


def carried_out(batch, owner):
    """All of it, as the answers tell; the first of its commands."""
    approve(approval=asked.approval_of(batch), by=asked.actor(owner))
    batch.commands.update(command_state="sending", first_sent_at=clock.now())
    for command in batch.commands.all():
        settle.succeed(command=command, external_id=f"re_{command.public_id}")
    return batch.commands.order_by("pk").first()


def made_of(command, status, **fields):
    """The processor's refund, which is in that status by now. One that staff named has a public id of its own."""
    return write_refund(command.payment, external_id=command.external_id, provider_status=status, **fields)


def test_what_came_back_is_not_carried_out(client, batch, owner):
    command = carried_out(batch, owner)
    made_of(command, "failed")
    page = words(client.get(page_of(batch)))
    assert "Carried out in part" in page
    assert "1 refund came back after it was sent. The customer did not get the money." in page
    assert re.search(r"50\.00 *EUR *2 of 3", page)


def test_what_had_left_the_balance_is_back_in_it(client, batch, owner):
    command = carried_out(batch, owner)
    made_of(command, "canceled", balance_transaction_id="txn_1")
    assert "The customer did not get the money, and it is back in your balance." in words(client.get(page_of(batch)))


def test_what_was_done_after_all_is_carried_out(client, shop, batch, owner):
    approve(approval=asked.approval_of(batch), by=asked.actor(owner))
    batch.commands.update(command_state="sending", first_sent_at=clock.now())
    for command in batch.commands.all():
        settle.fail(command=command, code="not_executed", message="")
        settle.succeed(command=command, external_id=f"re_{command.public_id}")
    page = words(client.get(page_of(batch)))
    assert "3 of 3" in page
    assert "can be asked for again" not in page
    assert "Carried out" in row_of(client.get(address(shop, "refunds/")), batch.public_id)


def test_in_live_mode_texts_are_masked_as_on_the_page_of_each(shop, owner):
    live = make_connection(shop, livemode=True)
    paid = pay(live, amount=1_000)
    agent = make_person(merchant=shop, role=MerchantRole.SUPPORT)
    terms = BatchTerms(RefundReason.GOODWILL, "Asked for by jane@buyer.example")
    batch = asked.batch([paid], agent, terms=terms)
    reject(approval=asked.approval_of(batch), by=asked.actor(owner), comment="Ask jane@buyer.example first.")
    page = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER)).get(
        address(shop, f"refunds/batches/{batch.public_id}/", "live")
    )
    assert page.status_code == 200
    assert "Asked for by" in words(page)
    assert "jane@buyer.example" not in page.content.decode()


def test_a_rejection_says_why(client, batch, owner):
    reject(approval=asked.approval_of(batch), by=asked.actor(owner), comment="Ask them first.")
    page = words(client.get(page_of(batch)))
    assert "A second person rejected it. Nothing was refunded." in page
    assert "Ask them first." in page


def test_withdrawn_nothing_of_it_is_sent(client, batch):
    answer = client.get(client.post(page_of(batch, "withdraw/"))["Location"])
    assert "Withdrawn: 3 refunds were not sent." in words(answer)
    assert set(batch.commands.values_list("command_state", flat=True)) == {CommandState.CANCELLED}


def test_what_ended_is_not_withdrawn(client, batch, owner):
    reject(approval=asked.approval_of(batch), by=asked.actor(owner), comment="No.")
    answer = client.post(page_of(batch, "withdraw/"))
    assert answer.status_code == 409
    assert "All of it went out or ended before it could be withdrawn." in words(answer)
    # It outlasts what the page asks for by itself, and has the keyboard.
    assert "autofocus" in dict(element(answer.content, "problem").attributes)
    assert 'id="problem"' not in str(element(answer.content, "summary"))


def test_the_page_asks_by_itself_once_it_is_approved(client, batch, owner):
    assert "data-live-poll" not in client.get(page_of(batch)).content.decode()
    approve(approval=asked.approval_of(batch), by=asked.actor(owner))
    assert "data-live-poll" in client.get(page_of(batch)).content.decode()


def test_who_may_not_refund_reads_and_does_not_withdraw(shop, batch):
    viewer = signed_in(make_person(merchant=shop, role=MerchantRole.VIEWER))
    page = viewer.get(page_of(batch))
    assert page.status_code == 200
    assert "withdraw/" not in page.content.decode()
    assert viewer.post(page_of(batch, "withdraw/")).status_code == 403


def test_who_may_decide_is_led_to_the_approval(shop, batch, owner, client):
    url = asked.page_of(asked.approval_of(batch))
    assert url in signed_in(owner).get(page_of(batch)).content.decode()
    assert url not in client.get(page_of(batch)).content.decode()


def test_nobody_of_another_merchant_finds_it(batch):
    other = make_merchant("other")
    reader = signed_in(make_person(merchant=other))
    assert reader.get(page_of(batch)).status_code == 404
    assert reader.get(address(other, f"refunds/batches/{batch.public_id}/")).status_code == 404
    assert reader.post(address(other, f"refunds/batches/{batch.public_id}/withdraw/")).status_code == 404


def test_it_belongs_to_its_mode(client, shop, batch):
    assert client.get(address(shop, f"refunds/batches/{batch.public_id}/", "live")).status_code == 404


def test_its_rows_can_be_asked_for_alone(client, batch):
    url = page_of(batch, "_/summary/")
    assert 'id="summary"' in client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert client.get(url)["Location"] == page_of(batch)
    assert client.get(page_of(batch, "_/other/")).status_code == 404


# --- Elsewhere ---
def test_the_list_of_refunds_has_it_as_one(client, shop, batch):
    page = client.get(address(shop, "refunds/"))
    assert "3 payments" in row_of(page, batch.public_id)
    waiting = set(batch.commands.values_list("public_id", flat=True))
    assert not waiting & set(rows_of(page))


def test_the_list_counts_what_came_back_as_its_page_does(client, shop, batch, owner):
    row = carried_out(batch, owner)
    listed = row_of(client.get(address(shop, "refunds/")), batch.public_id)
    assert "3 of 3 carried out" in listed
    made_of(row, "succeeded")
    for status, command in zip(("failed", "canceled"), batch.commands.exclude(pk=row.pk), strict=True):
        made_of(command, status)
    listed = row_of(client.get(address(shop, "refunds/")), batch.public_id)
    assert "Carried out in part" in listed
    assert "1 of 3 carried out" in listed
    assert "1 of 3" in words(client.get(page_of(batch)))


def test_the_list_asks_as_often_for_three_batches_as_for_one(client, shop, account, agent, owner, batch):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(shop, "refunds/")).status_code == 200
        return len(captured)

    made_of(carried_out(batch, owner), "failed")
    queries()
    one = queries()
    for _ in range(2):
        more = asked.batch([pay(account, amount=700) for _ in range(2)], agent)
        made_of(carried_out(more, owner), "failed")
    assert queries() == one


def test_one_of_it_is_not_withdrawn_alone(client, shop, batch):
    command = batch.commands.first()
    url = address(shop, f"refunds/{command.public_id}/")
    page = client.get(url).content.decode()
    assert page_of(batch) in page
    assert f"{url}withdraw/" not in page
    answer = client.post(f"{url}withdraw/")
    assert answer.status_code == 409
    assert "It waits for approval with others, and is withdrawn with them." in words(answer)


def test_the_approval_shows_every_line_and_the_sum(batch, owner):
    page = words(signed_in(owner).get(asked.page_of(asked.approval_of(batch))))
    for text in ("TR-1", "TR-2", "TR-3", "60.00", "Tour called off", "always take two people"):
        assert text in page


def test_the_approval_says_what_would_fail_by_now(account, batch, owner, payments):
    sent = dispute(payments[0])
    deliver_all(account, [event("charge.dispute.created", sent, at=T0 + 60)])
    page = words(signed_in(owner).get(asked.page_of(asked.approval_of(batch))))
    assert "One of these payments changed meanwhile: its refund would fail." in page


def test_the_approval_says_that_the_connection_ended(account, batch, owner):
    account.status, account.api_key = ConnectionStatus.DISCONNECTED, None
    account.save()
    page = words(signed_in(owner).get(asked.page_of(asked.approval_of(batch))))
    assert "3 of these payments changed meanwhile: their refunds would fail." in page
    assert "The connection to the processor has ended" in page


def test_the_approval_says_that_less_is_left_by_now(batch, owner, payments):
    Payment.objects.filter(pk=payments[0].pk).update(amount_refunded=1)
    page = words(signed_in(owner).get(asked.page_of(asked.approval_of(batch))))
    assert "Less is left of the payment by now than is asked for" in page


def test_the_approval_leads_to_each_payment(batch, owner, shop, payments):
    page = signed_in(owner).get(asked.page_of(asked.approval_of(batch))).content.decode()
    for payment in payments:
        assert f'href="{address(shop)}{payment.public_id}/"' in page


def test_once_approved_nothing_of_it_looks_stuck(batch, owner, time_machine):
    time_machine.move_to(clock.now() + timedelta(hours=5))
    approve(approval=asked.approval_of(batch), by=asked.actor(owner))
    assert not in_doubt("waiting").exists()
    time_machine.shift(timedelta(minutes=6))
    assert in_doubt("waiting").count() == 3


def test_what_failed_of_it_leaves_room_for_single_requests(client, shop, account, batch, owner):
    single = asked.refund(pay(account, amount=500), 500, owner)
    approve(approval=asked.approval_of(batch), by=asked.actor(owner))
    for command in batch.commands.all():
        settle.fail(command=command, code="approval_void", message="")
    page = client.get(address(shop, "refunds/"))
    assert single.public_id in rows_of(page)
    assert not set(batch.commands.values_list("public_id", flat=True)) & set(rows_of(page))


def test_its_id_is_found(client, shop, batch):
    assert client.get(address(shop, "search/"), {"q": batch.public_id})["Location"] == page_of(batch)


def test_of_other_merchants_it_is_not_found(batch):
    other = make_merchant("other")
    reader = signed_in(make_person(merchant=other))
    assert "batches/" not in reader.get(address(other, "search/"), {"q": batch.public_id}).content.decode()


def test_it_is_approved_on_its_page(batch, owner):
    answer = signed_in(owner).post(asked.page_of(asked.approval_of(batch), "approve/"), follow=True)
    assert answer.status_code == 200
    assert set(batch.commands.values_list("command_state", flat=True)) == {CommandState.APPROVED}


def test_the_queue_of_approvals_names_it(batch, owner, shop):
    row = row_of(signed_in(owner).get(address(shop, "approvals/")), asked.approval_of(batch).public_id)
    assert "Refund of 3 payments" in row
    assert "Several payments at once" in row


def test_the_trail_leads_to_it(batch, owner, shop):
    assert page_of(batch) in signed_in(owner).get(address(shop, "settings/audit/")).content.decode()
