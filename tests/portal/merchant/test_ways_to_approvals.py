"""Pages of what waits for a second person lead those who may be that person to its approval."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole, StaffRole
from billing.access.verbs import P
from billing.approvals.models import Approval
from billing.limits.models import Action, RoleLimit
from billing.refunds.issue_batch import BatchTerms, issue_batch
from billing.refunds.reasons import RefundReason
from tests.portal import asked, holds, requests
from tests.portal.payments import authorise, pay
from tests.portal.people import make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(shop):
    return make_person("sam@acme.example", merchant=shop, role=MerchantRole.SUPPORT)


@pytest.fixture
def payment(account):
    return pay(account, amount=50_000)


@pytest.fixture
def command(payment, agent):
    return asked.refund(payment, 15_000, agent)


@pytest.fixture
def approval(command):
    return asked.approval_of(command)


def reads(client, url):
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def leads_to(client, url, approval):
    return f'href="{asked.page_of(approval)}"' in reads(client, url)


@pytest.mark.parametrize("role", list(MerchantRole))
def test_whoever_decides_finds_the_way_from_the_refund_and_from_its_payment(shop, payment, command, approval, role):
    client, decides = signed_in(make_person(merchant=shop, role=role)), P.APPROVALS_DECIDE in role.verbs
    for url in (requests.page_of(command), holds.page_of(payment)):
        assert leads_to(client, url, approval) is decides
        assert ("Go to its approval" in reads(client, url)) is decides
    assert client.get(asked.page_of(approval)).status_code == (200 if decides else 403)
    assert "A second person must approve it before it is sent." in reads(client, requests.page_of(command))


@pytest.mark.parametrize("action", ["capture", "cancel"])
def test_from_a_payment_that_is_to_be_captured_or_cancelled(shop, account, action):
    client, payment = signed_in(make_person(merchant=shop)), authorise(account)
    place = {"merchant": shop, "livemode": False, "role": MerchantRole.OWNER, "currency": "EUR"}
    RoleLimit.objects.create(**place, action=Action(action), single=0, daily=0)
    approval = asked.approval_of(holds.ask(payment, action))
    assert leads_to(client, holds.page_of(payment), approval)
    finance = signed_in(make_person(merchant=shop, role=MerchantRole.FINANCE))
    assert not leads_to(finance, holds.page_of(payment), approval)


def test_the_parts_that_refresh_have_it_too(shop, payment, command, approval):
    client = signed_in(make_person(merchant=shop))
    for url in (requests.page_of(command, "_/summary/"), holds.page_of(payment, "_/after/")):
        answer = client.get(url, headers={"HX-Request": "true"})
        assert f'href="{asked.page_of(approval)}"' in answer.content.decode()


def test_what_is_asked_for_together_is_decided_on_together(shop, account, payment, agent):
    payments = [payment, pay(account, amount=30_000)]
    batch = issue_batch(
        merchant=shop,
        livemode=False,
        seen={each.public_id: each.amount for each in payments},
        terms=BatchTerms(RefundReason.GOODWILL, "Tour called off"),
        form_key=str(uuid.uuid4()),
        by=asked.actor(agent),
    )
    client, approval = signed_in(make_person(merchant=shop)), Approval.objects.get(object_id=batch.public_id)
    for one in batch.commands.select_related("payment"):
        assert leads_to(client, requests.page_of(one), approval)
        assert leads_to(client, holds.page_of(one.payment), approval)
    assert not leads_to(signed_in(agent), holds.page_of(payment), approval)


def test_what_was_decided_or_has_run_out_leads_nowhere(shop, payment, command, approval):
    owner = make_person(merchant=shop)
    client = signed_in(owner)
    Approval.objects.update(expires_at=clock.now())
    assert not leads_to(client, requests.page_of(command), approval)
    assert not leads_to(client, holds.page_of(payment), approval)


@pytest.mark.parametrize("role", list(StaffRole))
def test_staff_find_their_own_page_of_it(payment, command, approval, role):
    client, decides = signed_in(make_person(staff_role=role)), P.OPS_APPROVALS_DECIDE in role.verbs
    html = reads(client, f"/ops/transactions/{payment.public_id}/")
    assert (f'href="/ops/approvals/{approval.public_id}/"' in html) is decides
    assert asked.page_of(approval) not in html
    assert client.get(f"/ops/approvals/{approval.public_id}/").status_code == (200 if decides else 403)


def test_staff_who_look_at_the_merchants_pages_only_look(shop, payment, command, approval):
    guest, url = signed_in(make_person(staff_role=StaffRole.AGENT)), holds.page_of(payment)
    begun = guest.post(f"/ops/merchants/{shop.slug}/visit/?next={url}", {"reason": "Case 4711"})
    assert begun.status_code == 303
    assert not leads_to(guest, url, approval)


def test_what_waits_and_what_was_decided_take_one_query(shop, account, agent):
    client = signed_in(make_person(merchant=shop))

    def asks(minor):
        payment = pay(account, amount=50_000)
        asked.refund(payment, minor, agent)
        asked.refund(payment, 1_000, agent)
        client.get(holds.page_of(payment))
        with CaptureQueriesContext(connection) as captured:
            client.get(holds.page_of(payment))
        return sum('"approval"' in each["sql"] and '"object_id"' in each["sql"] for each in captured)

    assert (asks(2_000), asks(15_000)) == (1, 1)
