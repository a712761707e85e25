"""Staff ask for refunds of any merchant's payments, and never give one alone."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from billing.access.roles import MerchantRole, StaffRole
from billing.access.verbs import P
from billing.approvals.decide import approve, reject
from billing.clock import now
from billing.commands.models import CommandState, MoneyCommand
from portal.notifications.models import Notice
from tests.billing.deliveries import make_connection
from tests.portal.asked import actor, approval_of, refund
from tests.portal.commands import write_command
from tests.portal.fragments import HTMX, element, hidden_fields, swap, text_of
from tests.portal.money import write_refund
from tests.portal.notifications.desk import relay
from tests.portal.payments import address, authorise, pay
from tests.portal.people import make_merchant, make_person, signed_in
from tests.portal.refunds import typed, words

pytestmark = pytest.mark.django_db
ASKING = {role for role in StaffRole if P.OPS_REFUND_ASK in role.verbs}


@pytest.fixture
def shop():
    return make_merchant("acme")


@pytest.fixture
def owner(shop):
    return make_person(merchant=shop)


@pytest.fixture
def payment(shop):
    who = {"name": "Ida Lindqvist", "email": "ida@example.com"}
    return pay(make_connection(shop, livemode=True), amount=2_000, billing_details=who)


@pytest.fixture
def agent():
    return hired(StaffRole.AGENT, "Ann Agent")


@pytest.fixture
def client(agent):
    return signed_in(agent)


def hired(role, name="Pat Person"):
    made = make_person(staff_role=role)
    made.name = name
    made.save(update_fields=["name"])
    return made


def url(payment, rest=""):
    return f"/ops/transactions/{payment.public_id}/{rest}"


def page_of(command, rest=""):
    return url(command.payment, f"refunds/{command.public_id}/{rest}")


def asks(client, payment, **fields):
    """The request that the form made."""
    answer = client.post(url(payment, "refund/"), typed(payment, **fields))
    command = MoneyCommand.objects.get(payment=payment)
    assert answer.status_code == 303, words(answer)
    assert answer["Location"] == page_of(command)
    return command


# --- Asking ---
def test_the_page_of_the_payment_leads_to_the_form(client, payment):
    action = element(client.get(url(payment)).content.decode(), "refund-action")
    assert f'href="{url(payment, "refund/")}"' in str(action)
    form = words(client.get(url(payment, "refund/")))
    assert "All that is left, 20.00 EUR" in form
    assert "For the merchant’s people and for staff." in form


def test_the_review_says_that_somebody_else_decides(client, payment, owner):
    page = words(client.post(url(payment, "refund/review/"), typed(payment)))
    assert "A second person must approve this refund before it is sent. Your role refunds nothing alone." in page
    assert "Who can decide Pat Person · Risk leads and Finance ops of the platform’s staff" in page
    assert "Ask to refund 12.30 EUR" in page
    assert not MoneyCommand.objects.exists()


def test_the_smallest_refund_waits_for_a_second_person(client, payment, agent):
    command = asks(client, payment, amount="0.01", note="Case 4711")
    assert (command.command_state, command.amount, command.note) == (CommandState.REQUESTED, 1, "Case 4711")
    assert (command.requested_by_kind, command.requested_by_id) == ("staff", agent.public_id)
    assert approval_of(command).limit_amount == 0


def test_whoever_owns_the_merchant_as_well_waits_like_everybody(payment, owner):
    owner.staff_role = StaffRole.AGENT
    owner.save(update_fields=["staff_role"])
    assert asks(signed_in(owner), payment).command_state == CommandState.REQUESTED


def test_on_the_merchants_pages_they_refund_as_its_owner(payment, owner):
    owner.staff_role = StaffRole.AGENT
    owner.save(update_fields=["staff_role"])
    form = address(payment.merchant, f"transactions/{payment.public_id}/refund/", "live")
    assert signed_in(owner).post(form, typed(payment)).status_code == 303
    command = MoneyCommand.objects.get()
    assert (command.command_state, command.requested_by_kind) == (CommandState.APPROVED, "user")


def test_asking_takes_a_fresh_code_and_keeps_what_was_typed(payment, agent):
    late = signed_in(agent, factor_at=now() - timedelta(minutes=6))
    answer = late.post(url(payment, "refund/"), typed(payment, note="Case 4711"))
    assert answer.status_code == 302
    assert not MoneyCommand.objects.exists()
    back = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
    assert back.startswith(url(payment, "refund/?draft="))
    assert "Case 4711" in words(signed_in(agent).get(back))


def test_a_form_that_is_sent_twice_asks_once(client, payment):
    sent = typed(payment)
    first, again = (client.post(url(payment, "refund/"), sent) for _ in range(2))
    assert first["Location"] == again["Location"]
    assert MoneyCommand.objects.count() == 1


def test_more_than_is_left_is_refused(client, payment):
    answer = client.post(url(payment, "refund/"), typed(payment, amount="20.01"))
    assert answer.status_code == 422
    assert "20.01 EUR is more than the 20.00 EUR that can be refunded now." in words(answer)
    assert not MoneyCommand.objects.exists()


def test_what_the_merchant_asked_for_meanwhile_is_told(client, payment, owner):
    refund(payment, 1_500, owner)
    answer = client.post(url(payment, "refund/"), typed(payment))
    assert answer.status_code == 409
    assert "Can be refunded 20.00 EUR 5.00 EUR" in words(answer)
    assert MoneyCommand.objects.count() == 1


def test_why_nothing_can_be_refunded_stands_in_the_place_of_the_form(client, payment):
    held = authorise(payment.account)
    assert "The amount is only held so far. Once it is captured, it can be refunded." in words(
        client.get(url(held, "refund/"))
    )
    assert client.post(url(held, "refund/"), typed(held)).status_code == 409
    assert not MoneyCommand.objects.exists()


@pytest.mark.parametrize("role", sorted(set(StaffRole) - ASKING))
def test_other_roles_read_who_asks_for_refunds(payment, role):
    other = signed_in(hired(role))
    page = text_of(str(element(other.get(url(payment)).content.decode(), "refund-reason")))
    assert page.startswith("Your role asks for no refunds. Support agents and Dispute specialists can")
    for rest in ("refund/", "refund/review/"):
        assert other.get(url(payment, rest)).status_code == 403
        assert other.post(url(payment, rest), typed(payment)).status_code == 403
    assert not MoneyCommand.objects.exists()


# --- What comes of it ---
def test_its_page_tells_that_it_waits_and_who_asked(client, payment, agent):
    command = asks(client, payment)
    page = words(client.get(page_of(command)))
    assert "Approval waiting" in page
    assert "Until then nothing is refunded, and it can be withdrawn." in page
    assert f"{agent.label} of the platform’s staff" in page
    assert "To the payment" in page


def test_the_merchant_reads_that_it_was_somebody_of_the_staff(client, payment, owner):
    command = asks(client, payment)
    reader, root = signed_in(owner), address(payment.merchant, "", "live")
    for path in (f"refunds/{command.public_id}/", "refunds/", f"transactions/{payment.public_id}/"):
        assert "Ann Agent of the platform’s staff" in words(reader.get(root + path)), path
    approval = words(reader.get(f"{root}approvals/{approval_of(command).public_id}/"))
    assert "Ann Agent may refund nothing alone." in approval
    assert "The platform’s staff" in approval


def test_people_are_masked_until_they_are_revealed(client, payment):
    command = asks(client, payment, note="Ida Lindqvist, ida@example.com, called")
    page = client.get(page_of(command)).content.decode()
    assert "Lindqvist" not in page
    assert "ida@example.com" not in page
    assert "I•••• L••••" in page


def test_the_summary_refreshes_by_itself(client, payment):
    # One that is to be withdrawn has a form, whose token is always another.
    command = write_command(payment, CommandState.SENDING)
    fresh = client.get(page_of(command)).content
    assert element(swap(client, page_of(command, "_/summary/"), "summary").content, "summary") == element(
        fresh, "summary"
    )
    assert client.get(page_of(command, "_/summary/"))["Location"] == page_of(command)
    assert client.get(page_of(command, "_/other/"), headers=HTMX).status_code == 404


def test_the_staffs_approval_leads_to_it(client, payment):
    command = asks(client, payment)
    lead = signed_in(hired(StaffRole.RISKLEAD))
    page = lead.get(f"/ops/approvals/{approval_of(command).public_id}/").content.decode()
    assert f'href="{page_of(command)}"' in page


@pytest.mark.parametrize("decider", ["owner", "risk lead"])
def test_the_merchants_owner_or_the_staffs_risk_lead_approves(client, payment, owner, decider):
    command = asks(client, payment)
    by = owner if decider == "owner" else hired(StaffRole.RISKLEAD)
    approve(approval=approval_of(command), by=actor(by))
    command.refresh_from_db()
    assert command.command_state == CommandState.APPROVED


def test_whoever_asked_is_told_what_was_decided_and_led_to_its_page(client, payment, owner, agent):
    command = asks(client, payment)
    reject(approval=approval_of(command), by=actor(owner), comment="The goods came back damaged.")
    relay()
    notice = Notice.objects.get(recipient=agent)
    assert notice.as_staff
    inbox = client.get("/ops/notifications/").content.decode()
    assert "Rejected: refund of 12.30" in inbox
    assert page_of(command) in inbox
    assert "The goods came back damaged." in words(client.get(page_of(command)))


def test_a_refund_stands_below_its_own_payment_alone(client, payment):
    command, other = asks(client, payment), pay(payment.account)
    for rest in ("", "_/summary/"):
        assert client.get(url(other, f"refunds/{command.public_id}/{rest}"), headers=HTMX).status_code == 404
    assert client.post(url(other, f"refunds/{command.public_id}/withdraw/")).status_code == 404
    elsewhere = pay(make_connection(make_merchant("globex"), livemode=True))
    assert client.get(url(elsewhere, f"refunds/{command.public_id}/")).status_code == 404


def test_what_the_processor_tells_of_has_a_page_too(client, payment):
    made = write_refund(payment, amount=500)
    page = words(client.get(url(payment, f"refunds/{made.public_id}/")))
    assert "5.00 EUR" in page
    assert "Withdraw" not in page


def test_every_step_says_whose_payment_it_is_and_in_which_mode(client, payment):
    tested = pay(make_connection(payment.merchant))
    for each, tag in ((payment, False), (tested, True)):
        command = asks(client, each)
        sent = typed(each, how="part", amount="1.00", seen_left=each.amount - command.amount)
        paths = (page_of(command), url(each, "refund/"))
        for page in (*map(client.get, paths), client.post(url(each, "refund/review/"), sent)):
            main = text_of(str(element(page.content.decode(), "main")))
            assert "Acme" in main
            assert ("Acme test" in main) is tag


def test_what_was_shown_for_a_while_is_masked_again_by_itself(client, payment):
    command = asks(client, payment)
    trigger = "load delay:"
    assert trigger not in client.get(page_of(command)).content.decode()
    client.post(url(payment, "reveal/"))
    page = client.get(page_of(command)).content.decode()
    assert "Lindqvist" in page
    assert trigger in page


def test_where_staff_type_people_stay_masked(client, payment):
    client.post(url(payment, "reveal/"))
    assert "Lindqvist" in client.get(url(payment)).content.decode()
    for answer in (client.get(url(payment, "refund/")), client.post(url(payment, "refund/review/"), typed(payment))):
        page = answer.content.decode()
        assert "I•••• L••••" in page
        assert "Lindqvist" not in page
        assert "ida@example.com" not in page


def test_search_finds_what_was_asked_for_and_what_was_made(client, payment):
    command, made = asks(client, payment), write_refund(payment, amount=500)
    for public_id in (command.public_id, made.public_id):
        answer = client.get("/ops/search/", {"q": public_id, "stay": "1"}).content.decode()
        assert f'href="{url(payment, f"refunds/{public_id}/")}?back=' in answer


def test_search_keeps_to_the_merchant_and_the_mode_that_are_named(client, payment):
    command = asks(client, payment)
    make_merchant("globex")
    for more, there in (("merchant:acme", True), ("mode:live", True), ("merchant:globex", False), ("mode:test", False)):
        answer = client.get("/ops/search/", {"q": f"{command.public_id} {more}", "stay": "1"}).content.decode()
        assert (page_of(command) in answer) is there, more


# --- Taking it back ---
def test_whoever_asked_withdraws_it(client, payment):
    command = asks(client, payment)
    assert "Withdraw" in words(client.get(page_of(command)))
    assert client.post(page_of(command, "withdraw/"))["Location"] == page_of(command)
    command.refresh_from_db()
    assert command.command_state == CommandState.CANCELLED
    assert "It was withdrawn before it was sent. Nothing was refunded." in words(client.get(page_of(command)))


def test_nobody_else_of_the_staff_withdraws_it(client, payment, owner):
    other = signed_in(hired(StaffRole.AGENT))
    for command in (asks(client, payment), refund(pay(payment.account, amount=500_000), 400_000, owner)):
        assert "Withdraw" not in words(other.get(page_of(command)))
        answer = other.post(page_of(command, "withdraw/"))
        assert answer.status_code == 409
        assert "Somebody else asked for it. They can withdraw it" in words(answer)
        command.refresh_from_db()
        assert command.command_state == CommandState.REQUESTED


def test_what_went_out_is_not_withdrawn(client, payment, agent):
    sent = write_command(payment, CommandState.SENDING, requested_by_kind="staff", requested_by_id=agent.public_id)
    answer = client.post(page_of(sent, "withdraw/"))
    assert answer.status_code == 409
    assert "It went out or ended before it could be withdrawn." in words(answer)


def test_the_merchants_support_withdraws_what_staff_asked_for(client, payment):
    command = asks(client, payment)
    support = signed_in(make_person(merchant=payment.merchant, role=MerchantRole.SUPPORT))
    assert support.post(address(payment.merchant, f"refunds/{command.public_id}/withdraw/", "live")).status_code == 303
    command.refresh_from_db()
    assert command.command_state == CommandState.CANCELLED


def test_the_way_over_the_review_carries_what_was_typed(client, payment):
    review = client.post(url(payment, "refund/review/"), typed(payment, note="Case 4711"))
    carried = hidden_fields(review.content)
    again = words(client.post(url(payment, "refund/review/"), {**carried, "again": "yes"}))
    assert "Case 4711" in again
