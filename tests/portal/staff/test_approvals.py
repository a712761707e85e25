"""What people of all merchants asked for, as the staff's Risk leads and Finance ops see it and decide on it."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.access.roles import MerchantRole, StaffRole
from billing.access.verbs import P
from billing.approvals.decide import reject
from billing.commands.models import CommandState
from billing.limits.models import Action, RoleLimit
from billing.refunds.issue_batch import BatchTerms
from billing.refunds.reasons import RefundReason
from portal.web.approvals.subjects import KINDS
from tests.billing.deliveries import make_connection
from tests.portal.asked import actor, approval_of, batch, limit, refund
from tests.portal.fragments import HTMX, element, row_of, rows_of, swap, text_of
from tests.portal.holds import ask as hold
from tests.portal.payments import authorise, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
LIST = "/ops/approvals/"


@pytest.fixture
def client():
    return signed_in(make_person(staff_role=StaffRole.FINANCEOPS))


def asked_at(slug, *, livemode=False):
    shop = make_merchant(slug)
    agent = make_person(merchant=shop, role=MerchantRole.SUPPORT)
    account = make_connection(shop, livemode=livemode)
    who = {"name": "Ida Lindqvist", "email": "ida@example.com"}
    return refund(pay(account, reference="AO-77", amount=50_000, billing_details=who), 15_000, agent)


@pytest.fixture
def command(db):
    return asked_at("acme")


@pytest.fixture
def approval(command):
    return approval_of(command)


def asked_of(kind):
    """A request of that kind that waits."""
    shop = make_merchant("acme")
    owner, account = make_person(merchant=shop), make_connection(shop)
    if kind == "limit":
        return limit(shop, owner)
    if kind == "refund_batch":
        return approval_of(batch([pay(account, reference=f"AO-{number}") for number in (1, 2)], owner))
    if kind == "refund":
        return approval_of(refund(pay(account, amount=200_000), 150_000, owner))
    place = {"merchant": shop, "livemode": False, "role": MerchantRole.OWNER, "currency": "EUR"}
    RoleLimit.objects.create(**place, action=Action(kind), single=0, daily=0)
    return approval_of(hold(authorise(account), kind))


def counts(page):
    """Of the card of what waits for approval, by the address that each figure leads to."""
    found = re.findall(r'<a class="cf-figure-value" href="([^"]+)">(\d+)<', page)
    return {unescape(url): int(count) for url, count in found if url.startswith(LIST)}


def page_of(approval, rest=""):
    return f"{LIST}{approval.public_id}/{rest}"


def said(response):
    return text_of(response.content.decode())


def test_requests_of_all_merchants_stand_in_one_list(client, approval):
    live = approval_of(asked_at("globex", livemode=True))
    page = client.get(LIST)
    assert rows_of(page) == [approval.public_id, live.public_id]
    assert "Acme test" in text_of(row_of(page, approval.public_id))
    assert "test" not in text_of(row_of(page, live.public_id))


def test_one_merchant_mode_or_kind_can_be_looked_at(client, approval):
    live = approval_of(asked_at("globex", livemode=True))
    new_limit = limit(approval.merchant, make_person(merchant=approval.merchant))
    assert rows_of(client.get(f"{LIST}?merchant=globex")) == [live.public_id]
    assert rows_of(client.get(f"{LIST}?mode=live")) == [live.public_id]
    assert rows_of(client.get(f"{LIST}?kind=limit")) == [new_limit.public_id]
    assert "Only refunds, acme, test mode." in said(client.get(f"{LIST}?kind=refund&merchant=acme&mode=test"))
    assert rows_of(client.get(f"{LIST}?merchant=%00", follow=True)) != [live.public_id]


def test_people_of_payments_are_masked(client, approval):
    for page in (client.get(LIST), client.get(page_of(approval))):
        assert "Lindqvist" not in page.content.decode()
        assert "I•••• L••••" in page.content.decode()


@pytest.mark.parametrize("together", [False, True])
def test_nor_are_they_named_by_what_was_written(client, together):
    shop = make_merchant()
    agent = make_person(merchant=shop, role=MerchantRole.SUPPORT)
    account = make_connection(shop, livemode=True)
    texts = {"note": "Lena Vogt, lena@vogt.example, called", "comment": "Tell Lena Vogt or lena@vogt.example."}
    if together:
        ida = pay(account, billing_details={"name": "Ida Lindqvist", "email": None})
        texts = {name: f"Ida Lindqvist. {text}" for name, text in texts.items()}
        asked = batch([pay(account), ida], agent, terms=BatchTerms(RefundReason.GOODWILL, texts["note"]))
    else:
        asked = refund(pay(account, amount=50_000), 15_000, agent, note=texts["note"])
    url = page_of(approval_of(asked))
    assert "called" in said(client.get(url))
    reject(approval=approval_of(asked), by=actor(make_person(merchant=shop)), comment=texts["comment"])
    for page in (client.get(url), client.get(f"{url}_/request/", headers=HTMX)):
        words = said(page)
        assert "Tell •••• redacted or •••• redacted" in words
        assert not [each for each in ("Lena", "lena@", "Ida", "Lindqvist") if each in words]


def test_the_page_leads_to_the_payment(client, command, approval):
    page = client.get(page_of(approval)).content.decode()
    assert f'href="/ops/transactions/{command.payment.public_id}/"' in page
    assert "/m/" not in page[page.index('id="main"') :]


@pytest.mark.parametrize("role", [StaffRole.FINANCEOPS, StaffRole.RISKLEAD])
@pytest.mark.parametrize(("what", "state"), [("approve", CommandState.APPROVED), ("reject", CommandState.REJECTED)])
def test_somebody_of_the_staff_is_a_second_person(command, approval, role, what, state):
    client = signed_in(make_person(staff_role=role))
    response = client.post(page_of(approval, f"{what}/"), {"comment": "As agreed."})
    assert response["Location"] == page_of(approval)
    command.refresh_from_db()
    assert command.command_state == state
    assert rows_of(client.get(LIST)) == []
    assert rows_of(client.get(f"{LIST}?state=ended")) == [approval.public_id]


def test_rows_and_page_keep_themselves_up_to_date(client, approval):
    region = dict(element(client.get(LIST).content, "results").attributes)
    assert rows_of(client.get(region["hx-get"], headers=HTMX)) == [approval.public_id]
    assert rows_of(swap(client, f"{LIST}?state=ended")) == []
    region = dict(element(client.get(page_of(approval)).content, "request").attributes)
    assert "Approval waiting" in said(client.get(region["hx-get"], headers=HTMX))
    assert client.get(region["hx-get"]).status_code == 302


@pytest.mark.parametrize("role", [role for role in StaffRole if P.OPS_APPROVALS_DECIDE not in role.verbs])
def test_other_roles_of_the_staff_decide_nothing(command, approval, role):
    somebody = signed_in(make_person(staff_role=role))
    assert somebody.get(LIST).status_code == 403
    assert somebody.get(page_of(approval)).status_code == 403
    assert somebody.post(page_of(approval, "approve/")).status_code == 403
    command.refresh_from_db()
    assert command.command_state == CommandState.REQUESTED


def test_a_merchants_people_do_not_reach_the_staffs_pages(approval):
    owner = signed_in(make_person(merchant=approval.merchant))
    assert owner.get(page_of(approval)).status_code == 403
    assert owner.post(page_of(approval, "approve/")).status_code == 403


def test_what_does_not_exist_is_not_found(client, approval):
    assert client.get(f"{LIST}apr_nothing/").status_code == 404
    assert client.post(f"{LIST}apr_nothing/approve/").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_what_waits_stands_in_the_rail_and_on_the_home_page(client, kind):
    asked = asked_of(kind)
    home = client.get("/ops/?mode=test").content.decode()
    assert 'Approvals</span><span class="cf-nav-badge">1</span>' in home
    card = client.get("/ops/_/approvals/?mode=test", headers=HTMX).content.decode()
    assert card.strip() in home
    counted = counts(card)
    assert counted == {f"{LIST}?kind={each}&mode=test": int(each == kind) for each in KINDS}
    for url, count in counted.items():
        assert rows_of(client.get(url)) == [asked.public_id] * count
    assert set(counts(client.get("/ops/?mode=live").content.decode()).values()) == {0}


def test_the_figures_of_the_home_page_add_up_to_the_badge_in_the_rail(client, approval):
    limit(approval.merchant, make_person(merchant=approval.merchant))
    home = client.get("/ops/?mode=test").content.decode()
    assert 'Approvals</span><span class="cf-nav-badge">2</span>' in home
    assert sum(counts(home).values()) == 2
    other = signed_in(make_person(staff_role=StaffRole.ADMIN))
    assert "Waiting for approval" not in said(other.get("/ops/?mode=test"))


def test_three_requests_cost_as_many_queries_as_one(client, approval):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST)
        return len(captured)

    queries()
    one = queries()
    for slug in ("globex", "initech"):
        asked_at(slug)
    assert queries() == one
