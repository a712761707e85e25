"""Staff who look at a merchant's pages: who may, for how long, and what they cannot do there."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing.access.roles import VISITOR_VERBS, MerchantRole, StaffRole
from billing.access.verbs import P
from billing.audit.models import AuditEvent
from billing.audit.verify import verify_all
from billing.clock import now
from billing.providers.models import ProviderAccount
from portal.access.guards import merchant_view
from portal.access.visit import LONGEST, StaffVisit
from portal.accounts.session import Session
from portal.accounts.visits_over import end_visits
from tests.billing.deliveries import make_connection
from tests.portal.money import write_customer
from tests.portal.payments import newest_event, pay
from tests.portal.people import make_merchant, make_person, sign_in, signed_in
from tests.trust.sitemap import HOLE, addresses

pytestmark = pytest.mark.django_db
REASON = "Case 4711: refunds seem to be missing"
ENTERING = {StaffRole.AGENT, StaffRole.DISPUTES, StaffRole.ADMIN, StaffRole.AUDITOR}


@pytest.fixture
def account():
    return make_connection(make_merchant("acme"))


@pytest.fixture
def agent():
    return make_person(staff_role=StaffRole.AGENT)


def visiting(person, slug="acme", client=None):
    client = client or signed_in(person)
    answer = client.post(f"/ops/merchants/{slug}/visit/", {"reason": REASON})
    assert answer.status_code == 303, answer.content
    return client


def trail(action):
    return list(AuditEvent.objects.filter(action=action).order_by("seq"))


@pytest.mark.parametrize("role", list(StaffRole))
def test_those_who_answer_merchants_may_look_and_others_may_not(account, role):
    client = signed_in(make_person(staff_role=role))
    answer = client.post("/ops/merchants/acme/visit/", {"reason": REASON})
    assert answer.status_code == (303 if role in ENTERING else 403)
    assert client.get("/m/acme/test/transactions/").status_code == (200 if role in ENTERING else 404)


def test_without_a_visit_there_is_nothing(account, agent):
    client = signed_in(agent)
    answers = [client.get(f"/m/{slug}/test/transactions/") for slug in ("acme", "nowhere")]
    bodies = {answer.content.replace(answer["X-Request-ID"].encode(), b"") for answer in answers}
    assert ({answer.status_code for answer in answers}, len(bodies)) == ({404}, 1)


def test_a_visit_needs_a_reason_without_a_card_number(account, agent):
    client = signed_in(agent)
    assert client.get("/ops/merchants/acme/visit/").status_code == 200
    for reason, status in (("", 422), ("x", 422), ("asked about 4242 4242 4242 4242", 400)):
        assert client.post("/ops/merchants/acme/visit/", {"reason": reason}).status_code == status
    assert client.post("/ops/merchants/nowhere/visit/", {"reason": REASON}).status_code == 404
    assert not StaffVisit.objects.exists()


def test_a_visit_is_not_begun_by_another_site(account, agent):
    client = sign_in(Client(enforce_csrf_checks=True), agent)
    assert client.post("/ops/merchants/acme/visit/", {"reason": REASON}).status_code == 403
    assert not StaffVisit.objects.exists()


def test_begin_and_end_stand_in_the_merchants_own_trail(account, agent):
    client = visiting(agent)
    assert client.post("/ops/merchants/acme/leave/").status_code == 303
    begin, end = trail("visit.began") + trail("visit.ended")
    merchant = account.merchant
    for row in (begin, end):
        assert (row.merchant_id, row.actor_kind, row.actor_id) == (merchant.pk, "staff", agent.public_id)
        assert (row.on_behalf_of, row.object_id) == (merchant.public_id, begin.object_id)
    assert (begin.reason, end.after["because"]) == (REASON, "the person left")
    assert verify_all().breaks == ()


def test_a_stream_takes_no_message_from_the_page_that_shows_it(account, agent):
    client = visiting(agent)
    client.post("/ops/merchants/acme/leave/")
    stream = client.get("/m/acme/test/transactions/", HTTP_ACCEPT="text/event-stream")
    assert (stream.status_code, stream.content) == (401, b"")
    page = client.get("/ops/merchants/acme/").content.decode()
    assert "You have left Acme" in page
    assert "no longer looking" not in page


def test_a_second_beginning_moves_no_end(account, agent):
    client = visiting(agent)
    until = StaffVisit.objects.get().until
    with time_machine.travel(now() + timedelta(minutes=9)):
        visiting(agent, client=client)
    assert (StaffVisit.objects.get().until, len(trail("visit.began"))) == (until, 1)


def test_after_half_an_hour_it_is_over_and_is_noted(account, agent, settings):
    settings.SESSION_IDLE_SECONDS = 3600
    client = visiting(agent)
    with time_machine.travel(now() + LONGEST - timedelta(seconds=5)):
        assert client.get("/m/acme/test/transactions/").status_code == 200
    with time_machine.travel(now() + LONGEST + timedelta(seconds=5)):
        assert client.get("/m/acme/test/transactions/")["Location"] == "/ops/merchants/acme/"
        fragment = client.get("/m/acme/test/transactions/_/results/", HTTP_HX_REQUEST="true")
        assert (fragment.status_code, fragment["HX-Redirect"]) == (401, "/ops/merchants/acme/")
        assert "no longer looking at Acme" in client.get("/ops/merchants/acme/").content.decode()
        assert (end_visits(), end_visits()) == (1, 0)
        assert [row.after["because"] for row in trail("visit.ended")] == ["its time was up"]
        visiting(agent, client=client)
        assert client.get("/m/acme/test/transactions/").status_code == 200


def test_a_new_beginning_notes_the_end_that_nobody_noted(account, agent, settings):
    settings.SESSION_IDLE_SECONDS = 3600
    client = visiting(agent)
    with time_machine.travel(now() + LONGEST + timedelta(seconds=5)):
        visiting(agent, client=client)
        assert (len(trail("visit.began")), len(trail("visit.ended"))) == (2, 1)


def test_no_visit_can_be_longer(account, agent):
    visiting(agent)
    with pytest.raises(IntegrityError):
        StaffVisit.objects.update(until=now() + timedelta(hours=1))


def test_whoever_leaves_in_one_tab_has_left_in_all(account, agent):
    client = visiting(agent)
    client.post("/ops/merchants/acme/leave/")
    assert client.get("/m/acme/test/transactions/").status_code == 302
    assert client.post("/ops/merchants/acme/leave/").status_code == 303
    assert len(trail("visit.ended")) == 1


def test_two_tabs_hold_two_merchants_and_end_one_by_one(account, agent):
    make_connection(make_merchant("globex"))
    client = visiting(agent)
    visiting(agent, "globex", client=client)
    acme, globex = (client.get(f"/m/{slug}/test/transactions/").content.decode() for slug in ("acme", "globex"))
    assert "looking at Acme" in acme
    assert "looking at Globex" in globex
    # The frame is kept between requests: none may lead to the other one.
    assert "/m/globex/" not in acme
    assert "/m/acme/" not in globex
    client.post("/ops/merchants/acme/leave/")
    assert client.get("/m/acme/test/transactions/").status_code == 302
    assert client.get("/m/globex/test/transactions/").status_code == 200


def test_a_visit_belongs_to_the_session_that_began_it(account, agent):
    visiting(agent)
    assert signed_in(agent).get("/m/acme/test/transactions/").status_code == 404


def test_a_session_that_is_signed_in_anew_has_none(account, agent):
    client = visiting(agent)
    client.post("/accounts/logout/")
    sign_in(client, agent)
    assert client.get("/m/acme/test/transactions/").status_code == 404


def test_another_person_in_the_same_session_has_none(account, agent):
    visiting(agent)
    other = make_person(staff_role=StaffRole.AGENT)
    client = signed_in(other)
    Session.objects.filter(session_key=client.session.session_key).update(public_id="ses_stolen")
    StaffVisit.objects.update(session="ses_stolen")
    assert client.get("/m/acme/test/transactions/").status_code == 404


def test_signing_out_ends_it(account, agent):
    client = visiting(agent)
    assert end_visits() == 0
    client.post("/accounts/logout/")
    assert end_visits() == 1
    assert trail("visit.ended")[0].after["because"] == "the session ended"


def test_a_role_that_is_lost_meanwhile_ends_it_at_once(account, agent):
    client = visiting(agent)
    type(agent).objects.filter(pk=agent.pk).update(staff_role=StaffRole.FRAUD)
    assert "/accounts/login/" in client.get("/m/acme/test/transactions/")["Location"]


def test_a_verb_that_the_role_loses_ends_it_at_once(account, agent, monkeypatch):
    client = visiting(agent)
    monkeypatch.setattr(StaffRole, "verbs", property(lambda role: frozenset({P.OPS_HOME})))
    assert client.get("/m/acme/test/transactions/").status_code == 404


def test_members_come_as_members(account):
    person = make_person(merchant=account.merchant, role=MerchantRole.VIEWER, staff_role=StaffRole.AGENT)
    client = visiting(person)
    page = client.get("/m/acme/test/transactions/").content.decode()
    assert "visit-banner" not in page
    assert not StaffVisit.objects.exists()


@pytest.mark.parametrize("fragment", [{}, {"HTTP_HX_REQUEST": "true"}])
def test_every_form_of_a_merchant_is_refused(account, agent, fragment):
    pay(account)
    client = visiting(agent)
    ids = {
        "merchant": "acme",
        "mode": "test",
        "payment": "pay_x",
        "refund": "ref_x",
        "hold": "cap_x",
        "batch": "bat_x",
        "customer": write_customer(account).public_id,
        "event": newest_event(account).public_id,
        "connection": account.public_id,
        "panel": "x",
        "kind": "transactions",
        "view": "viw_x",
        "approval": "apr_x",
        "role": "support",
        "change": "lim_x",
    }
    forms = [each for each in addresses() if each["kind"] == "merchant" and "POST" in each["methods"]]
    assert forms
    for each in forms:
        path = each["path"]
        for name in each["parameters"]:
            path = path.replace(HOLE.format(name), ids[name])
        answer = client.post(path, {"kind": "gaps"}, **fragment)
        assert answer.status_code == 403, path
        said = answer.headers.get("HX-Trigger", "") if fragment else answer.content.decode()
        assert "You are looking at Acme as Counterfoil staff. Nothing can be changed here." in said
        assert fragment or 'href="/m/acme/test/"' in said
    assert newest_event(account).runs.count() == 1
    assert ProviderAccount.objects.get().is_connected


@pytest.mark.parametrize("mode", ["test", "live"])
def test_customers_are_masked_in_both_modes(agent, mode):
    account = make_connection(make_merchant("acme"), livemode=mode == "live")
    payment = pay(account)
    client = visiting(agent)
    one = f"transactions/{payment.public_id}/"
    for path in ("", "transactions/", one, f"{one}?raw=1", f"search/?q={payment.public_id}&stay=1", "events/"):
        page = client.get(f"/m/acme/{mode}/{path}").content.decode()
        assert payment.customer_name not in page
        assert payment.customer_email not in page
        assert "visit-banner" in page


def test_guests_are_not_sent_to_an_owner_for_another_role(account, agent):
    payment = pay(account)
    page = visiting(agent).get(f"/m/acme/test/transactions/{payment.public_id}/").content.decode()
    assert "Customers are masked for staff who look" in page
    assert "You are only looking here." in page
    assert "can change your role" not in page


def as_guest(rf, client, person, method="get", *, verb=P.HOME_VIEW):
    """What a merchant's view answers, and the actors that reached it."""
    reached = []

    @merchant_view(verb, methods=("GET", "POST"))
    def view(request, merchant, livemode):
        reached.append(request.actor)
        return HttpResponse("reached")

    request = getattr(rf, method)("/m/acme/test/")
    request.user, request.session, person.otp_device = person, client.session, object()
    request.session.load()
    return view(request, merchant="acme", mode="test"), reached


def test_what_is_acted_on_as_a_guest_names_both(account, agent, rf):
    _answer, (actor,) = as_guest(rf, visiting(agent), agent)
    assert (actor.id, actor.on_behalf_of) == (agent.public_id, account.merchant.public_id)


def test_a_form_is_refused_even_where_its_verb_only_views(account, agent, rf):
    answer, reached = as_guest(rf, visiting(agent), agent, "post")
    assert (answer.status_code, reached) == (403, [])


@pytest.mark.parametrize("verb", [P.CUSTOMER_REVEAL, P.PAYMENTS_RAW, P.EVENTS_REPLAY, P.CONNECTIONS_MANAGE])
def test_a_page_is_refused_where_its_verb_does_more_than_view(account, agent, rf, verb):
    answer, reached = as_guest(rf, visiting(agent), agent, verb=verb)
    assert (answer.status_code, reached) == (403, [])


def test_guests_may_view_and_nothing_else():
    assert {verb.rpartition(".")[2] for verb in VISITOR_VERBS} == {"view"}


def test_a_guest_costs_one_query_more_than_a_member(account, agent):
    # Who decides nothing, as guests do not: for others the rail counts what waits.
    member = signed_in(make_person(merchant=account.merchant, role=MerchantRole.VIEWER))
    guest = visiting(agent)

    def queries(client):
        client.get("/m/acme/test/transactions/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/m/acme/test/transactions/").status_code == 200
        return len(captured)

    assert queries(guest) == queries(member) + 1
