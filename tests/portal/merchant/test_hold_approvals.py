"""Captures and cancellations that wait for a second person, as whoever decides sees them."""

import pytest

from billing.access.roles import MerchantRole, StaffRole
from billing.approvals.models import Approval
from billing.commands.models import CommandState, MoneyCommand
from billing.limits.models import Action, LimitChange, RoleLimit
from billing.limits.queries import UNLIMITED
from billing.providers.models import ConnectionStatus
from tests.portal.asked import actor, approval_of, limit, page_of
from tests.portal.fragments import element, row_of, text_of
from tests.portal.holds import ask, tell_captured, tell_ended
from tests.portal.payments import address, authorise
from tests.portal.people import make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def asks(shop):
    """Who asks, as the merchant's first member."""
    return make_person("nadia@acme.example", merchant=shop)


@pytest.fixture
def client(shop, asks):
    return signed_in(make_person("olga@acme.example", merchant=shop))


@pytest.fixture
def payment(account):
    return authorise(account, reference="AO-77")


@pytest.fixture
def approval_for(shop, payment, asks):
    """Of a capture or cancellation that somebody asks for above a limit."""

    def asked(action, **fields):
        place = {"merchant": shop, "livemode": False, "role": MerchantRole.OWNER, "currency": "EUR"}
        given = {"single": 10_00, "daily": 10_00, **fields}
        RoleLimit.objects.create(**place, action=Action(action), **given)
        return approval_of(ask(payment, action))

    return asked


def said(answer):
    return text_of(answer.content.decode())


def test_a_capture_says_what_is_taken_what_is_released_and_until_when(client, shop, approval_for):
    approval = approval_for("capture")
    assert "Capture of AO-77" in row_of(client.get(address(shop, "approvals/")), approval.public_id)
    page = said(client.get(page_of(approval)))
    assert "Nadia Petit may capture up to 10.00 EUR of one payment alone, all of 24 hours counted." in page
    assert "Authorised 25.00 EUR 0.00 EUR Captured 0.00 EUR 20.00 EUR Released to the customer 0.00 EUR 5.00" in page
    assert "Held until" in page
    assert "Method Visa •••• 4242" in page
    assert "Two boxes." in page
    assert "Goes back to" not in page
    assert "no reason given" not in page
    assert "The refund" not in page


def test_a_cancellation_says_its_reason_and_that_all_is_released(client, approval_for):
    page = said(client.get(page_of(approval_for("cancel", single=0, daily=0))))
    assert "Nadia Petit may cancel nothing alone." in page
    assert "Reason Paid twice" in page
    assert "Released to the customer 0.00 EUR 25.00 EUR" in page


@pytest.mark.parametrize("action", ["capture", "cancel"])
def test_it_is_approved_and_goes_on(client, approval_for, action):
    approval = approval_for(action)
    answer = client.post(page_of(approval, "approve/"))
    assert answer.status_code == 303
    assert MoneyCommand.objects.get(public_id=approval.object_id).command_state == CommandState.APPROVED


@pytest.mark.parametrize(
    ("befall", "sentence"),
    [
        (lambda payment: tell_captured(payment, 2500), "The payment was captured meanwhile"),
        (tell_ended, "The authorisation was cancelled meanwhile"),
        (lambda payment: tell_ended(payment, why="automatic"), "The authorisation has expired meanwhile"),
    ],
)
def test_what_happened_meanwhile_is_told_before_anybody_decides(client, payment, approval_for, befall, sentence):
    approval = approval_for("capture")
    befall(payment)
    page = said(client.get(page_of(approval)))
    assert f"{sentence}: what is asked for would fail." in page
    assert "What changes" not in page


def test_a_connection_that_ended_is_told(client, account, approval_for):
    approval = approval_for("capture")
    account.status, account.api_key = ConnectionStatus.DISCONNECTED, None
    account.save(update_fields=["status", "api_key"])
    assert "The connection to the processor has ended: what is asked for would fail." in said(
        client.get(page_of(approval))
    )


def test_staff_see_it_without_names(approval_for):
    approval = approval_for("capture")
    staff = signed_in(make_person(staff_role=StaffRole.FINANCEOPS))
    page = said(staff.get(f"/ops/approvals/{approval.public_id}/"))
    assert "Released to the customer" in page
    assert "Lena Vogt" not in page


# --- Limits of their own ---
def limits(shop, rest="", query="?action=capture"):
    return f"{address(shop, f'settings/limits/{rest}')}{query}"


def test_without_a_limit_of_its_own_nobody_is_limited(client, shop):
    page = client.get(limits(shop)).content.decode()
    assert text_of(row_of(page, "owner")) == "Owner no limit no limit default Change Owner"
    assert "Captures in EUR" in text_of(page)
    assert "0.00 EUR means that a second person is needed for every capture." in text_of(page)
    assert 'name="action" value="capture"' in page
    assert "Cancellations in EUR" in said(client.get(limits(shop, query="?action=cancel")))
    assert "Refunds in EUR" in said(client.get(limits(shop, query="?action=nothing")))


def test_a_limit_is_asked_for_and_an_empty_one_is_none(client, shop):
    form = client.get(limits(shop, "owner/change/"))
    assert "Limit of Owner for captures in EUR" in said(form)
    assert "Now any amount of one payment and any amount in 24 hours." in said(form)
    assert "value" not in str(element(form.content, "id_single"))
    given = {"single": "200.00", "daily": "", "reason": "From now on."}
    answer = client.post(limits(shop, "owner/change/"), given)
    assert (answer.status_code, answer["Location"]) == (303, limits(shop))
    change = LimitChange.objects.get()
    assert (change.action, change.single, change.daily) == (Action.CAPTURE, 200_00, UNLIMITED.daily)
    assert "Pat Person asked for 200.00 EUR of one payment and any amount in 24 hours." in said(
        client.get(limits(shop))
    )
    assert "Refunds" in said(client.get(limits(shop, query="")))
    assert "asked for" not in said(client.get(limits(shop, query="")))


def test_whoever_decides_on_such_a_limit_reads_what_it_is_of(client, shop, asks):
    approval = limit(shop, asks, action=Action.CANCEL, single=5_00)
    page = said(client.get(page_of(approval)))
    assert "Limit of Support for cancellations in EUR" in page
    assert "What this role may cancel alone" in page
    assert "Of one payment no limit 5.00 EUR" in page
    assert "One payment no limit → 5.00" in text_of(row_of(client.get(address(shop, "approvals/")), approval.public_id))
    assert client.post(page_of(approval, "approve/")).status_code == 303
    assert RoleLimit.objects.get().action == Action.CANCEL
    assert Approval.objects.get().decided_by_id != actor(asks).id
