"""How much each role may refund alone, and asking for another limit."""

from datetime import timedelta
from html import escape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole
from billing.access.verbs import P
from billing.approvals.decide import approve
from billing.approvals.models import Approval, Decision
from billing.limits.models import Action, ChangeState, LimitChange, RoleLimit
from portal.merchant.limits.words import WORDS
from tests.portal.asked import actor, limit
from tests.portal.asked import page_of as asked_page
from tests.portal.fragments import element, row_of, text_of
from tests.portal.payments import address
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(shop):
    return make_person("olga@acme.example", merchant=shop)


@pytest.fixture
def client(owner):
    return signed_in(owner)


@pytest.fixture
def admin(shop):
    return make_person("ann@acme.example", merchant=shop, role=MerchantRole.ADMIN)


def limits(shop, rest="", mode="test"):
    return address(shop, f"settings/limits/{rest}", mode)


def ask(client, shop, role="support", query="", **fields):
    given = {"single": "200.00", "daily": "900.00", "reason": "Summer sale.", **fields}
    return client.post(f"{limits(shop, f'{role}/change/')}{query}", given)


def row(client, shop, role="support", query=""):
    return text_of(row_of(client.get(f"{limits(shop)}{query}"), role))


def said(response):
    return text_of(response.content.decode())


def test_every_role_has_its_line_and_defaults_say_so(client, shop):
    assert row(client, shop) == "Support 100.00 EUR 500.00 EUR default Change Support"
    assert row(client, shop, "owner").startswith("Owner 1,000.00 EUR 5,000.00 EUR default")
    assert "always two people" in row(client, shop, "viewer")


def test_zero_is_explained(client, shop):
    assert "0.00 EUR means that a second person is needed for every refund." in said(client.get(limits(shop)))


def test_each_currency_has_limits_of_its_own(client, shop, admin):
    approve(approval=limit(shop, admin, single=7_000, currency="JPY"), by=actor(make_person(merchant=shop)))
    assert "7,000 JPY" in row(client, shop, query="?currency=JPY")
    assert "your own limit" in row(client, shop, query="?currency=JPY")
    assert "100.00 EUR" in row(client, shop)
    assert "?currency=JPY" in client.get(limits(shop)).content.decode()


def test_a_currency_that_nobody_knows_is_the_usual_one(client, shop):
    assert "Refunds in EUR" in said(client.get(f"{limits(shop)}?currency=XXX"))


def test_a_change_waits_for_somebody_else(client, shop, owner):
    response = ask(client, shop)
    assert response.status_code == 303
    change = LimitChange.objects.get()
    assert (change.single, change.daily, change.state, change.livemode) == (20_000, 90_000, ChangeState.PENDING, False)
    assert not RoleLimit.objects.exists()
    page = said(client.get(limits(shop)))
    assert "Pat Person asked for 200.00 EUR of one payment and 900.00 EUR in 24 hours." in page
    assert "Withdraw" in page
    approval = Approval.objects.get()
    assert f'href="{address(shop, f"approvals/{approval.public_id}/")}"' in client.get(limits(shop)).content.decode()


def test_somebody_else_decides_and_does_not_withdraw(client, shop, admin):
    limit(shop, admin)
    page = said(client.get(limits(shop)))
    assert "Decide" in page
    assert "Withdraw" not in page
    change = LimitChange.objects.get()
    response = client.post(limits(shop, f"{change.public_id}/withdraw/"))
    assert response.status_code == 409
    assert "Reject it instead." in text_of(str(element(response.content, "problem")))
    assert LimitChange.objects.get().state == ChangeState.PENDING


def test_whoever_asked_withdraws(client, shop, owner):
    ask(client, shop)
    change = LimitChange.objects.get()
    assert client.post(limits(shop, f"{change.public_id}/withdraw/")).status_code == 303
    assert LimitChange.objects.get().state == ChangeState.WITHDRAWN
    assert Approval.objects.get().decision == Decision.WITHDRAWN
    again = client.post(limits(shop, f"{change.public_id}/withdraw/"))
    assert again.status_code == 409
    assert "It was decided before it could be withdrawn." in said(again)


@pytest.mark.parametrize(
    ("fields", "query"),
    [
        ({"action": Action.CAPTURE, "currency": "USD"}, "?action=capture&currency=USD"),
        ({"action": Action.CANCEL}, "?action=cancel"),
        ({"currency": "KWD"}, "?currency=KWD"),
        ({}, ""),
    ],
)
def test_whoever_withdraws_or_looks_at_it_comes_back_to_the_limits_of_that_kind(client, shop, owner, fields, query):
    approval = limit(shop, owner, **fields)
    page = f"{limits(shop)}{query}"
    url = f"{limits(shop, f'{approval.object_id}/withdraw/')}{query}"
    assert f'action="{escape(url)}"' in client.get(page).content.decode()
    assert f'href="{escape(page)}">All limits' in client.get(asked_page(approval)).content.decode()
    # The browser comes back to the address after a sign-in on the way.
    assert client.get(url)["Location"] == page
    assert LimitChange.objects.get().state == ChangeState.PENDING
    assert client.post(url)["Location"] == page
    assert LimitChange.objects.get().state == ChangeState.WITHDRAWN
    again = client.post(url)
    assert again.status_code == 409
    assert WORDS[fields.get("action", Action.REFUND)].heading % {"currency": fields.get("currency", "EUR")} in said(
        again
    )


def test_amounts_are_read_as_the_language_writes_them(client, shop, owner):
    type(owner).objects.filter(pk=owner.pk).update(language="fr")
    assert ask(client, shop, single="200,50", daily="1 900,00").status_code == 303
    change = LimitChange.objects.get()
    assert (change.single, change.daily) == (20_050, 190_000)


def test_the_form_begins_with_what_holds(client, shop):
    page = client.get(f"{limits(shop, 'support/change/')}?currency=KWD")
    assert 'value="10.000"' in str(element(page.content, "id_single"))
    assert "Limit of Support in KWD" in said(page)


@pytest.mark.parametrize(("currency", "keyboard"), [("EUR", "decimal"), ("JPY", "numeric")])
def test_a_phone_offers_the_keys_that_the_currency_needs(client, shop, currency, keyboard):
    page = client.get(f"{limits(shop, 'support/change/')}?currency={currency}").content
    for field in ("id_single", "id_daily"):
        assert dict(element(page, field).attributes)["inputmode"] == keyboard


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"single": "-1"}, "A limit is zero or more."),
        ({"daily": "-0.01"}, "A limit is zero or more."),
        ({"single": "1.234"}, "EUR has at most 2 decimal places."),
        ({"single": "ten"}, "Enter an amount such as"),
        ({"single": "1" * 30}, "Enter an amount of at most"),
        ({"single": ""}, "This field is required."),
        ({"reason": "  "}, "Say why the limit changes."),
        ({"reason": "x" * 501}, "A reason has at most 500 characters."),
        ({"single": "100.00", "daily": "500.00"}, "This is the limit already"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(client, shop, fields, words):
    response = ask(client, shop, **fields)
    assert response.status_code == 422
    assert words in text_of(str(element(response.content, "error-summary")))
    assert not LimitChange.objects.exists()


def test_two_changes_of_one_limit_do_not_wait_at_once(client, shop):
    ask(client, shop)
    response = ask(client, shop, single="300.00")
    assert response.status_code == 422
    assert "Another change of this limit waits for approval." in said(response)
    assert LimitChange.objects.count() == 1


def test_a_role_that_does_not_exist_has_no_limit(client, shop):
    assert client.get(limits(shop, "king/change/")).status_code == 404
    assert ask(client, shop, "king").status_code == 404


def test_asking_needs_a_fresh_code_and_what_was_typed_comes_back(shop, owner):
    stale = signed_in(owner, factor_at=clock.now() - timedelta(minutes=6))
    url = limits(shop, "support/change/")
    assert stale.get(url).status_code == 302
    given = {"single": "321.00", "daily": "900.00", "reason": "Sale."}
    response = stale.post(url, given, headers={"Referer": f"http://testserver{url}"})
    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert not LimitChange.objects.exists()
    draft = response["Location"].rpartition("draft%3D")[2]
    fresh = signed_in(owner).get(f"{url}?draft={draft}").content
    assert 'value="321.00"' in str(element(fresh, "id_single"))


@pytest.mark.parametrize("role", [role for role in MerchantRole if P.LIMITS_CHANGE not in role.verbs])
def test_roles_that_do_not_change_limits_do_not_see_them(shop, admin, role):
    limit(shop, admin)
    somebody = signed_in(make_person(merchant=shop, role=role))
    change = LimitChange.objects.get().public_id
    assert somebody.get(limits(shop)).status_code == 403
    assert somebody.get(limits(shop, "support/change/")).status_code == 403
    assert ask(somebody, shop, "viewer").status_code == 403
    assert somebody.post(limits(shop, f"{change}/withdraw/")).status_code == 403
    assert LimitChange.objects.count() == 1


def test_other_merchants_and_the_other_mode_have_no_such_change(client, shop, owner):
    ask(client, shop)
    change = LimitChange.objects.get().public_id
    stranger = signed_in(make_person(merchant=make_merchant("globex")))
    assert stranger.post(limits(shop, f"{change}/withdraw/")).status_code == 404
    assert stranger.post(f"/m/globex/test/settings/limits/{change}/withdraw/").status_code == 404
    assert client.post(limits(shop, f"{change}/withdraw/", mode="live")).status_code == 404
    assert stranger.get(limits(shop, f"{change}/withdraw/")).status_code == 404
    assert client.get(limits(shop, f"{change}/withdraw/", mode="live")).status_code == 404
    assert "asked for" not in said(client.get(limits(shop, mode="live")))
    assert LimitChange.objects.get().state == ChangeState.PENDING


def test_three_changes_cost_as_many_queries_as_one(client, shop, admin):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(limits(shop))
        return len(captured)

    limit(shop, admin)
    queries()
    one = queries()
    for role in (MerchantRole.OWNER, MerchantRole.FINANCE):
        limit(shop, admin, role=role, action=Action.REFUND)
    assert queries() == one
