"""What whoever decided said about a request, on the pages that whoever asked is sent to."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.access.roles import MerchantRole
from billing.approvals.decide import approve, reject
from billing.approvals.models import Approval
from billing.limits.models import Action, RoleLimit
from billing.refunds.issue_batch import BatchTerms
from billing.refunds.reasons import RefundReason
from tests.billing.deliveries import make_connection
from tests.portal import asked, holds, requests
from tests.portal.fragments import element, text_of
from tests.portal.payments import address, authorise, pay
from tests.portal.people import make_person, signed_in

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("action", ["capture", "cancel"])
WHY = "Lena Vogt, lena@vogt.example, called"


@pytest.fixture(autouse=True)
def _asks(shop):
    """Who asks for captures, as the merchant's first member."""
    make_person("nadia@acme.example", merchant=shop)


@pytest.fixture
def agent(shop):
    return make_person("sam@acme.example", merchant=shop, role=MerchantRole.SUPPORT)


@pytest.fixture
def decides(shop):
    return asked.actor(make_person("ann@acme.example", merchant=shop, role=MerchantRole.ADMIN))


@pytest.fixture
def support(agent):
    return signed_in(agent)


def hold(shop, payment, action="capture"):
    """What is above the limit of whoever asks."""
    place = {"merchant": shop, "livemode": payment.livemode, "role": MerchantRole.OWNER, "currency": "EUR"}
    RoleLimit.objects.get_or_create(**place, action=Action(action), defaults={"single": 0, "daily": 0})
    return holds.ask(payment, action)


def said(client, url):
    return text_of(client.get(url).content.decode())


def queries(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_the_page_of_a_refund_says_why_it_was_rejected(shop, account, agent, decides, support):
    command = asked.refund(pay(account, amount=50_000), 15_000, agent)
    page = requests.page_of(command)
    assert "“" not in said(support, page)
    reject(approval=asked.approval_of(command), by=decides, comment=WHY)
    assert f"A second person rejected it. Nothing was refunded. “ {WHY} ”" in said(support, page)
    assert "Whoever decided" not in said(support, page)


def test_it_says_what_was_said_of_one_that_goes_on(shop, account, agent, decides, support):
    command = asked.refund(pay(account, amount=50_000), 15_000, agent)
    approve(approval=asked.approval_of(command), by=decides, comment="The last time.")
    for sent in (False, True):
        if sent:
            requests.send(command)
        assert "Comment of whoever decided The last time." in said(support, requests.page_of(command))


@BOTH
def test_the_page_of_a_payment_says_why_what_was_asked_for_was_rejected(shop, account, decides, support, action):
    payment = authorise(account)
    command = hold(shop, payment, action)
    reject(approval=asked.approval_of(command), by=decides, comment=WHY)
    html = support.get(holds.page_of(payment)).content.decode()
    summary = text_of(str(element(html, "summary")))
    assert f"A second person rejected it. Nothing was sent, and the amount stays authorised. “ {WHY} ”" in summary
    assert f"Whoever decided said: “{WHY}”" in text_of(str(element(html, command.public_id)))


@pytest.mark.parametrize("befall", [lambda _: None, requests.send, requests.lose], ids=["approved", "sent", "unclear"])
def test_it_says_what_was_said_of_what_goes_on(shop, account, decides, support, befall):
    payment = authorise(account)
    command = hold(shop, payment)
    approve(approval=asked.approval_of(command), by=decides, comment="Today only.")
    befall(command)
    summary = text_of(str(element(support.get(holds.page_of(payment)).content, "summary")))
    assert "Whoever decided said: “Today only.”" in summary


def test_in_live_mode_it_names_nobody_until_people_are_shown(shop, agent, decides):
    live = make_connection(shop, livemode=True)
    refund = asked.refund(pay(live, amount=50_000), 15_000, agent)
    held = authorise(live)
    capture = hold(shop, held)
    for each in (refund, capture):
        reject(approval=asked.approval_of(each), by=decides, comment=WHY)
    developer = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    support = signed_in(agent)
    for payment, page in (
        (refund.payment, requests.page_of(refund, mode="live")),
        (held, holds.page_of(held, mode="live")),
    ):
        for client in (developer, support):
            shown = said(client, page)
            assert "called ”" in shown
            assert "Lena" not in shown
            assert "lena@" not in shown
        support.post(address(shop, f"transactions/{payment.public_id}/reveal/", "live"))
        assert WHY in said(support, page)


def test_what_was_said_of_several_at_once_names_none_of_their_customers(shop, agent, decides):
    live = make_connection(shop, livemode=True)
    ida = {"name": "Ida Lindqvist", "email": "ida@example.com"}
    payments = [pay(live), pay(live, billing_details=ida)]
    batch = asked.batch(payments, agent, terms=BatchTerms(RefundReason.GOODWILL, "Ida and Lena agreed."))
    reject(approval=asked.approval_of(batch), by=decides, comment="Ida Lindqvist and Lena Vogt keep theirs.")
    for command in batch.commands.all():
        shown = said(signed_in(agent), requests.page_of(command, mode="live"))
        assert "A second person rejected it." in shown
        assert "agreed." in shown
        assert "keep theirs. ”" in shown
        assert "Ida" not in shown
        assert "Lena" not in shown


def test_three_decisions_cost_as_many_queries_as_one(shop, account, decides, support):
    payment = authorise(account)

    def rejected():
        reject(approval=asked.approval_of(hold(shop, payment)), by=decides, comment="No.")

    rejected()
    queries(support, holds.page_of(payment))
    one = queries(support, holds.page_of(payment))
    rejected()
    rejected()
    assert queries(support, holds.page_of(payment)) == one
    assert Approval.objects.count() == 3
