"""What an agent asked for, followed on the staff's home over all merchants."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.access.roles import StaffRole
from billing.approvals.decide import reject
from portal.staff.home import asked
from portal.staff.home.asked import MOST
from tests.billing.deliveries import make_connection
from tests.portal.asked import actor, approval_of, refund
from tests.portal.commands import write_command
from tests.portal.fragments import element, has_element, row_of, rows_of, swap, text_of
from tests.portal.money import write_refund
from tests.portal.payments import pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
HOME, PART = "/ops/?mode=live", "/ops/_/asked/?mode=live"


@pytest.fixture
def agent():
    return make_person(staff_role=StaffRole.AGENT)


@pytest.fixture
def client(agent):
    return signed_in(agent)


def sold(slug, **more):
    who = {"name": "Ida Lindqvist", "email": "ida@example.com"}
    return pay(make_connection(make_merchant(slug), livemode=True), billing_details=who, **more)


@pytest.fixture
def payment(db):
    return sold("acme", reference="AO-7 ida@example.com")


def card(client):
    return str(element(client.get(HOME).content.decode(), "asked"))


def test_refunds_of_all_merchants_stand_there_newest_first(client, agent, payment):
    first, second = refund(payment, 500, agent), refund(sold("globex"), 700, agent)
    page = client.get(HOME)
    assert rows_of(page) == [second.public_id, first.public_id]
    row = row_of(page, first.public_id)
    assert "Approval waiting" in row
    assert "Acme" in row
    assert f'href="/ops/transactions/{payment.public_id}/refunds/{first.public_id}/"' in row


def test_nobody_is_named(client, agent, payment):
    refund(payment, 500, agent)
    assert "AO-7 •••• redacted" in card(client)
    assert "ida@" not in card(client)


def test_what_became_of_it_is_told(client, agent, payment):
    command = refund(payment, 500, agent)
    reject(approval=approval_of(command), by=actor(make_person(merchant=payment.merchant)), comment="No.")
    row = row_of(client.get(HOME), command.public_id)
    assert "Rejected" in row
    assert "cf-money-muted" in row


def by(agent, **more):
    return {"requested_by_kind": "staff", "requested_by_id": agent.public_id, **more}


@pytest.mark.parametrize(("status", "badge", "muted"), [("succeeded", "Succeeded", False), ("failed", "Failed", True)])
def test_what_the_processor_made_has_its_own_status(client, agent, payment, status, badge, muted):
    made = write_refund(payment, amount=500, provider_status=status)
    command = write_command(payment, "succeeded", **by(agent, external_id=made.external_id))
    row = row_of(client.get(HOME), command.public_id)
    assert badge in row
    assert ("cf-money-muted" in row) is muted


def test_what_was_done_after_all_is_not_called_undone(client, agent, payment):
    command = write_command(payment, "failed", **by(agent, external_id="re_not_known_here_yet"))
    row = row_of(client.get(HOME), command.public_id)
    assert "Carried out after all" in row
    assert "cf-money-muted" not in row
    page = client.get(f"/ops/transactions/{payment.public_id}/refunds/{command.public_id}/").content.decode()
    assert "Nothing was refunded" not in page
    assert "It counted as not carried out, but the processor has done it." in page


def test_refunds_alone_stand_there(client, agent, payment):
    write_command(payment, "approved", **by(agent, kind="capture", public_id="cap_x1"))
    assert rows_of(client.get(HOME)) == []


def test_what_is_over_for_a_week_is_left_out_and_what_is_open_stays(client, agent, payment):
    long_ago = by(agent, age=timedelta(days=8).total_seconds())
    write_command(payment, "failed", **long_ago)
    waits = write_command(payment, "unknown", **long_ago)
    assert rows_of(client.get(HOME)) == [waits.public_id]


def test_what_others_asked_for_or_the_same_person_as_a_member_is_not_theirs(client, agent, payment):
    refund(payment, 500, make_person(staff_role=StaffRole.AGENT))
    write_command(payment, "requested", requested_by_id=agent.public_id)
    assert "You have asked for none lately." in text_of(card(client))


def test_live_and_test_are_apart(client, agent, payment):
    tested = refund(pay(make_connection(payment.merchant)), 500, agent)
    assert rows_of(client.get(HOME)) == []
    assert rows_of(client.get("/ops/?mode=test")) == [tested.public_id]


def test_a_mass_of_them_is_cut_and_says_so(client, agent, payment):
    ids = [write_command(payment, "requested", **by(agent, age=age)).public_id for age in range(MOST + 1)]
    page = client.get(HOME)
    assert rows_of(page) == ids[:MOST]
    assert f"The newest {MOST} are shown." in text_of(page.content.decode())
    assert text_of(card(client)).startswith(f"Refunds that you asked for {MOST}+ ")


def test_it_refreshes_by_itself(client, agent, payment):
    refund(payment, 500, agent)
    part = swap(client, PART, "asked").content.decode()
    assert str(element(part, "asked")) == card(client)
    assert client.get(PART)["Location"] == f"{HOME}#asked"


def test_where_it_fails_the_others_stand_and_it_can_be_asked_for_again(client, agent, payment, monkeypatch):
    refund(payment, 500, agent)
    monkeypatch.setattr(asked, "payment_called", None)
    page = client.get(HOME)
    assert page.status_code == 200
    assert has_element(page.content, "money")
    failed = card(client)
    assert "This could not be loaded" in failed
    assert f'hx-get="{PART}"' in failed


def test_three_cost_as_many_queries_as_one(client, agent, payment):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(HOME).status_code == 200
        return len(captured)

    refund(payment, 100, agent)
    queries()
    once = queries()
    for slug in ("globex", "initech"):
        refund(sold(slug), 100, agent)
    assert queries() == once


@pytest.mark.parametrize("role", [StaffRole.AUDITOR, StaffRole.FINANCEOPS, StaffRole.ADMIN])
def test_who_asks_for_none_has_no_such_card(role):
    other = signed_in(make_person(staff_role=role))
    assert not has_element(other.get(HOME).content, "asked")
    assert other.get(PART).status_code == 403
