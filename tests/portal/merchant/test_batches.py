"""Refunds of several payments at once: what is asked for, what the pages tell of it, and who may do what."""

import re
import uuid
from datetime import timedelta

import pytest
from django.utils.html import strip_tags

from billing import clock
from billing.access.roles import MerchantRole
from billing.approvals.decide import approve, reject
from billing.commands import settle
from billing.commands.doubts import in_doubt
from billing.commands.models import CommandBatch, CommandState, MoneyCommand
from billing.payments.models import Payment
from billing.providers.models import ConnectionStatus
from billing.refunds.issue_batch import MOST, BatchTerms
from billing.refunds.reasons import RefundReason
from tests.billing.deliveries import T0, deliver_all, event, make_connection
from tests.portal import asked
from tests.portal.follow_ups import dispute
from tests.portal.fragments import element, row_of, rows_of
from tests.portal.money import write_refund
from tests.portal.payments import address, authorise, pay, write_payments
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(shop):
    return make_person(merchant=shop, role=MerchantRole.OWNER)


@pytest.fixture
def agent(shop):
    return make_person(merchant=shop, role=MerchantRole.SUPPORT)


@pytest.fixture
def client(agent, owner):
    return signed_in(agent)


@pytest.fixture
def payments(account):
    return [pay(account, reference=f"TR-{number}", amount=1_000 * number) for number in (1, 2, 3)]


@pytest.fixture
def batch(payments, agent):
    return asked.batch(payments, agent)


def asking(shop, rest=""):
    return address(shop, f"transactions/bulk/refund/{rest}")


def page_of(batch, rest=""):
    return address(batch.merchant, f"refunds/batches/{batch.public_id}/{rest}")


def form_page(client, shop, payments, **more):
    return client.get(asking(shop), {"row": [each.public_id for each in payments], **more})


def items(payments):
    return [f"{each.public_id}:{each.amount}" for each in payments]


def send(client, shop, payments, **fields):
    values = {"item": items(payments), "reason": "goodwill", "note": "Tour called off", **fields}
    return client.post(asking(shop), {"form_key": str(uuid.uuid4()), "of": "EUR", **values})


def words(answer):
    return " ".join(strip_tags(answer.content.decode()).split())


# --- Asking ---
def test_the_list_offers_it_for_ticked_rows_to_who_may_refund(client, shop, payments):
    bar = str(element(client.get(address(shop)).content, "selection"))
    assert f'formaction="{asking(shop)}"' in bar


@pytest.mark.parametrize("role", [MerchantRole.FINANCE, MerchantRole.DISPUTES, MerchantRole.VIEWER])
def test_who_may_not_refund_is_not_offered_it(shop, payments, role):
    reader = signed_in(make_person(merchant=shop, role=role))
    assert b"bulk/refund/" not in reader.get(address(shop)).content
    assert form_page(reader, shop, payments).status_code == 403
    assert send(reader, shop, payments, confirmed="yes").status_code == 403


def test_the_form_names_each_payment_and_what_it_comes_to(client, shop, payments):
    page = form_page(client, shop, payments).content.decode()
    assert "Refund 3 payments" in page
    assert re.findall(r'name="item" value="(pay_\w+:\d+)"', page) == items(reversed(payments))
    assert "60.00" in words(form_page(client, shop, payments))


def test_what_cannot_be_refunded_is_left_out_and_says_why(client, shop, account, payments):
    held = authorise(account, reference="TR-held")
    asked.refund(payments[0], 1_000, make_person(merchant=shop))
    page = form_page(client, shop, [*payments, held])
    assert re.findall(r'name="item" value="(pay_\w+):', page.content.decode()) == [
        payments[2].public_id,
        payments[1].public_id,
    ]
    left_out = strip_tags(str(page.content.decode().partition('id="left-out-title"')[2]))
    assert "Once it is captured, it can be refunded." in left_out
    assert "All that is left is in refunds under way." in left_out


def test_nothing_that_can_be_refunded_says_so(client, shop, account):
    page = words(form_page(client, shop, [authorise(account)]))
    assert "Nothing of the payments that you selected can be refunded now." in page
    assert "Review the refunds" not in page


def test_no_payment_leads_to_the_list(client, shop):
    assert "No payment is selected" in words(form_page(client, shop, []))


def test_too_many_payments_are_refused(client, shop, account):
    now = clock.now()
    many = write_payments(account, [{"created_at": now} for _ in range(MOST + 1)])
    page = words(form_page(client, shop, many))
    assert f"At most {MOST} payments can be refunded at once" in page
    assert "Review the refunds" not in page


def test_all_results_of_the_list_can_be_chosen(client, shop, payments):
    page = client.get(asking(shop), {"all": "1"})
    assert "Refund 3 payments" in words(page)


def test_one_currency_at_a_time(client, shop, account, payments):
    dollars = pay(account, amount=900, currency="usd")
    page = form_page(client, shop, [*payments, dollars])
    assert "Refund 3 payments" in words(page)
    [other] = re.findall(r'<a href="([^"]*of=USD[^"]*)"', page.content.decode())
    switched = client.get(other.replace("&amp;", "&"))
    assert "Refund 1 payment" in words(switched)
    assert items([dollars])[0] in switched.content.decode()


def test_the_review_tells_what_is_asked_for_and_sends_nothing(client, shop, owner, payments):
    page = words(send(client, shop, payments))
    assert "Ask to refund 3 payments, 60.00 EUR" in page
    assert "A second person must approve these refunds before they are sent." in page
    assert owner.label in page
    assert "Tour called off" in page
    assert not CommandBatch.objects.exists()


def test_confirmed_it_waits_on_its_page(client, shop, payments):
    answer = send(client, shop, payments, confirmed="yes")
    batch = CommandBatch.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page_of(batch))
    assert "A second person must approve all of it" in words(client.get(page_of(batch)))
    assert set(batch.commands.values_list("command_state", flat=True)) == {CommandState.REQUESTED}


def test_sent_twice_it_is_asked_for_once(client, shop, payments):
    key = str(uuid.uuid4())
    first, second = (send(client, shop, payments, confirmed="yes", form_key=key) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert CommandBatch.objects.count() == 1


def test_a_form_of_before_with_other_words_asks_for_nothing(client, shop, payments):
    key = str(uuid.uuid4())
    send(client, shop, payments[:2], confirmed="yes", form_key=key)
    answer = send(client, shop, payments[2:], confirmed="yes", form_key=key)
    assert answer.status_code == 409
    assert "This form was sent before with other words" in words(answer)
    assert CommandBatch.objects.count() == 1


def test_without_a_reason_everything_typed_is_kept(client, shop, payments):
    answer = send(client, shop, payments, reason="")
    assert answer.status_code == 422
    assert "Choose a reason." in words(answer)
    assert "Tour called off" in answer.content.decode()
    assert 'name="item"' in answer.content.decode()


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}])
def test_another_reason_needs_a_note(client, shop, payments, confirmed):
    answer = send(client, shop, payments, reason="other", note=" ", **confirmed)
    assert answer.status_code == 422
    assert "Say in the note what the other reason is." in words(answer)


def test_change_leads_back_with_all_that_was_typed(client, shop, payments):
    page = send(client, shop, payments, again="yes")
    assert page.status_code == 200
    assert "Tour called off</textarea>" in page.content.decode()
    assert "Review the refunds" in page.content.decode()


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}])
def test_what_changed_meanwhile_is_shown_and_nothing_is_asked_for(client, shop, payments, owner, confirmed):
    asked.refund(payments[2], 1, owner)
    answer = send(client, shop, payments, **confirmed)
    assert answer.status_code == 409
    conflict = strip_tags(str(element(answer.content, "conflict")))
    assert "TR-3" in conflict
    assert "30.00" in conflict
    assert "29.99" in conflict
    assert not CommandBatch.objects.exists()


def test_of_which_nothing_is_left_meanwhile_is_shown_too(client, shop, payments, owner):
    asked.refund(payments[0], 1_000, owner)
    answer = send(client, shop, payments[:1], confirmed="yes")
    assert answer.status_code == 409
    assert "Nothing of these payments can be refunded any more." in words(answer)


def test_payments_of_other_merchants_are_nobodys(client, shop, payments):
    theirs = pay(make_connection(make_merchant("other")), reference="TR-theirs", amount=1_000)
    assert "TR-theirs" not in form_page(client, shop, [*payments, theirs]).content.decode()
    answer = send(client, shop, [*payments, theirs], confirmed="yes")
    assert answer.status_code == 409
    assert "A payment that is not here" in words(answer)
    assert not CommandBatch.objects.exists()


@pytest.mark.parametrize("item", ["", "pay_x", "pay_x:", "pay_x:-1", "pay_x:١٢", "pay\x00x:1", "pay_x:" + "9" * 40])
def test_items_that_nobody_can_read_ask_for_nothing(client, shop, item):
    answer = send(client, shop, [], item=[item], confirmed="yes")
    assert answer.status_code in (409, 422)
    assert not CommandBatch.objects.exists()


@pytest.mark.parametrize("currency", ["x", "EU R", "€", "", "\x00"])
def test_a_currency_that_is_none_asks_for_nothing(client, shop, payments, currency):
    answer = send(client, shop, [], item=["pay_of_nobody:1"], of=currency, confirmed="yes")
    assert answer.status_code == 409
    assert "A payment that is not here" in words(answer)


def test_a_form_without_its_key_gets_another(client, shop, payments):
    answer = send(client, shop, payments, form_key="", confirmed="yes")
    assert answer.status_code == 422
    [key] = re.findall(r'name="form_key" value="([^"]*)"', answer.content.decode())
    assert send(client, shop, payments, form_key=key, confirmed="yes").status_code == 302


def test_whoever_signs_in_again_on_the_way_finds_the_selection(client, shop, payments):
    review = send(client, shop, payments).content.decode()
    [url] = set(re.findall(rf'action="({asking(shop)}[^"]*)"', review))
    assert "Refund 3 payments" in words(client.get(url.replace("&amp;", "&")))


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


def test_what_came_back_is_not_carried_out(client, batch, owner):
    command = carried_out(batch, owner)
    write_refund(command.payment, public_id=command.public_id, provider_status="failed")
    page = words(client.get(page_of(batch)))
    assert "Carried out in part" in page
    assert "1 refund came back after it was sent." in page
    assert re.search(r"50\.00 *EUR *2 of 3", page)


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
