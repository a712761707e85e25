"""Money requests that nobody knows the end of, as staff see and settle them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import StaffRole
from billing.access.verbs import P
from billing.commands.models import CommandState, MoneyCommand
from billing.money import Money
from billing.payments.capture import request_capture
from billing.queue.models import State
from portal.staff.commands.words import CONFLICTS, REFUSALS
from portal.web.counters import told as metrics
from tests.billing.commands.conftest import processor, till
from tests.billing.deliveries import make_connection
from tests.portal.commands import write_command, write_exchange
from tests.portal.fragments import element, row_of, rows_of, swap, swapped_out_of_band, text_of
from tests.portal.payments import write_payments
from tests.portal.people import make_merchant, make_person, signed_in
from tests.portal.refusals import errors

__all__ = ["processor", "till"]
pytestmark = pytest.mark.django_db
LIST = "/ops/system/commands/"
WATCHERS = {StaffRole.ADMIN, StaffRole.AUDITOR, StaffRole.FINANCEOPS}
# What each doubt needs at least: state, age in seconds, more.
DOUBTFUL = {
    "unknown": (CommandState.UNKNOWN, 1, {}),
    "dead": (CommandState.APPROVED, 1, {"state": State.DEAD, "attempts": 8}),
    "sending": (CommandState.SENDING, 61, {}),
    "waiting": (CommandState.APPROVED, 301, {}),
    "contradicted": (CommandState.FAILED, 1, {"external_id": "re_after_all"}),
}
CALM = [
    *(("sending", 58, {}), ("approved", 298, {}), ("requested", 9_000, {}), ("failed", 9_000, {})),
    ("succeeded", 9_000, {"external_id": "re_done"}),
]


@pytest.fixture
def payment():
    account = make_connection(make_merchant("acme"))
    return write_payments(account, [{"last4": "4242"}])[0]


def staff(role=StaffRole.FINANCEOPS, **more):
    return signed_in(make_person(staff_role=role), **more)


def page_of(command, rest=""):
    return f"{LIST}{command.public_id}/{rest}"


def unknown(payment, **fields):
    command = write_command(payment, CommandState.UNKNOWN, age=600, **fields)
    write_exchange(command, "send", "unclear", age=600, detail="Stripe did not answer in time.", request_id="req_7")
    write_exchange(command, "ask", "unavailable", age=300)
    return command


# --- The list ---


@pytest.mark.parametrize("doubt", list(DOUBTFUL))
def test_the_list_has_what_is_in_doubt(payment, doubt):
    state, age, fields = DOUBTFUL[doubt]
    command = write_command(payment, state, age=age, **fields)
    for query in ("", f"?doubt={doubt}"):
        assert rows_of(staff().get(f"{LIST}{query}")) == [command.public_id]
    other = next(name for name in DOUBTFUL if name != doubt)
    assert rows_of(staff().get(f"{LIST}?doubt={other}")) == []


def test_what_goes_on_by_itself_or_ended_is_not_in_doubt(payment):
    for state, age, fields in CALM:
        write_command(payment, state, age=age, **fields)
    page = staff().get(LIST)
    assert rows_of(page) == []
    assert b"Nothing is unclear" in page.content


def test_a_row_says_what_is_known(payment):
    command = unknown(payment, next_attempt_at=clock.now() + timedelta(minutes=4))
    write_exchange(command, "send", "unclear", age=20, detail="Stripe hung up.")
    row = text_of(row_of(staff().get(LIST), command.public_id))
    for words in ("Unknown", "Refund", "12.30", "Acme", payment.public_id, "10 min", "No clear answer", "Stripe hung"):
        assert words in row


def test_the_longest_unclear_stand_first_and_pages_join_up(payment):
    commands = [write_command(payment, CommandState.UNKNOWN, age=age) for age in range(10, 40)]
    client = staff()
    first = client.get(LIST).content.decode()
    second = client.get(first.split('<a rel="next" href="')[1].split('"')[0]).content.decode()
    assert [*rows_of(first), *rows_of(second)] == [each.public_id for each in reversed(commands)]
    partial = swap(client, LIST)
    assert element(partial.content, "results") == element(first, "results")
    for id_, swapped in swapped_out_of_band(partial.content).items():
        assert swapped == element(first, id_)
    assert client.get(f"{LIST}_/results/")["Location"] == f"{LIST}#results"
    assert set(swapped_out_of_band(swap(client, f"{LIST}_/results/?").content)) == {"results-summary", "results-tabs"}


@pytest.mark.parametrize("path", [LIST, "detail"])
def test_many_rows_cost_as_many_queries_as_one(payment, path):
    client, command = staff(), unknown(payment)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(command) if path == "detail" else LIST).status_code == 200
        return len(captured)

    queries()
    before = queries()
    for number in range(5):
        write_exchange(unknown(payment), "ask", "not_found", age=number)
        write_exchange(command, "ask", "not_found", age=number)
    assert queries() == before


# --- Who ---


@pytest.mark.parametrize("role", list(StaffRole))
def test_only_who_watches_may_look_and_only_finance_acts(payment, role):
    command, client = unknown(payment), staff(role)
    for path in (LIST, page_of(command)):
        assert client.get(path).status_code == (200 if role in WATCHERS else 403)
    acts = 200 if role is StaffRole.FINANCEOPS else 403
    assert client.get(page_of(command, "settle/")).status_code == acts
    assert client.post(page_of(command, "try/")).status_code == (303 if acts == 200 else acts)
    assert (P.OPS_COMMANDS_SETTLE in role.verbs) == (role is StaffRole.FINANCEOPS)


def test_acting_needs_a_fresh_code(payment):
    command = unknown(payment)
    client = staff(factor_at=clock.now() - timedelta(minutes=6))
    for answer in (client.get(page_of(command, "settle/")), client.post(page_of(command, "try/"))):
        assert answer.status_code in (302, 401)
        assert "reauthenticate" in answer["Location"]


def test_who_may_not_act_reads_who_can(payment):
    page = text_of(staff(StaffRole.AUDITOR).get(page_of(unknown(payment))).content.decode())
    assert "Finance ops can" in page
    assert "Ask now" not in page


@pytest.mark.parametrize("rest", ["", "_/standing/", "settle/", "try/"])
def test_ids_that_do_not_exist_are_not_found(payment, rest):
    assert staff().get(f"{LIST}ref_nobody/{rest}").status_code == 404


# --- One request ---


def test_the_page_shows_every_word_that_was_exchanged(payment):
    page = text_of(staff().get(page_of(unknown(payment))).content.decode())
    for words in (
        *("Sent", "No clear answer", "Stripe did not answer in time.", "req_7", "Asked"),
        *("Not answered", "requested_by_customer", "ada@shop.example", "0 of 8"),
    ):
        assert words in page


def test_the_panel_is_a_part_of_the_page(payment):
    # Whoever may act has a form there, whose token differs each time.
    command, client = unknown(payment), staff(StaffRole.AUDITOR)
    page = client.get(page_of(command)).content
    assert element(swap(client, page_of(command, "_/standing/")).content, "standing") == element(page, "standing")
    assert client.get(page_of(command, "_/standing/"))["Location"] == page_of(command)


@pytest.mark.parametrize(
    ("fields", "word"),
    [({}, "Ask now"), ({"state": State.DEAD, "attempts": 8}, "Try again")],
)
def test_it_is_made_due_at_once(payment, fields, word):
    command, client = unknown(payment, **fields), staff()
    assert word in text_of(client.get(page_of(command)).content.decode())
    answer = client.post(page_of(command, "try/"))
    assert (answer.status_code, answer["Location"]) == (303, page_of(command))
    command.refresh_from_db()
    assert (command.state, command.attempts) == (State.PENDING, 0)
    assert command.next_attempt_at <= clock.now()


@pytest.mark.parametrize(
    ("state", "fields", "words"),
    [
        ("succeeded", {"external_id": "re_1"}, "“Carried out” now"),
        ("unknown", {"state": State.LEASED}, "right now"),
        ("requested", {}, "“Approval waiting” now"),
    ],
)
def test_what_is_over_or_under_way_is_left_alone(payment, state, fields, words):
    command = write_command(payment, state, **fields)
    for answer in (staff().post(page_of(command, "try/")), staff().get(page_of(command, "settle/"))):
        assert answer.status_code == 409
        assert words in text_of(answer.content.decode())


def test_whoever_comes_back_to_the_address_of_trying_is_led_to_the_request(payment):
    command, client = unknown(payment), staff()
    for answer in (client.get(page_of(command, "try/")), client.get(page_of(command, "try/?draft=1"))):
        assert (answer.status_code, answer["Location"]) == (302, page_of(command))
    before = command.next_attempt_at
    command.refresh_from_db()
    assert (command.next_attempt_at, command.attempts) == (before, 0)


# --- Settling by hand ---


def typed(command, **fields):
    base = {"outcome": "not_carried_out", "reason": "Looked it up.", "understood": "on"}
    return {**base, "confirmation": command.public_id, **fields}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"outcome": ""}, "Choose what came of it."),
        ({"outcome": "perhaps"}, "Choose one of the two."),
        ({"outcome": "carried_out"}, "Enter the processor's id of what it made."),
        ({"external_id": "re_1"}, "Leave it empty: what was not carried out made nothing."),
        ({"outcome": "carried_out", "external_id": "../x"}, "This is no id of the processor's, such as re_3Nx…."),
        ({"reason": " "}, "Say how you know."),
        ({"reason": "x" * 501}, "Use at most 500 characters."),
        ({"understood": ""}, "Tick that you have looked it up."),
        ({"confirmation": ""}, "Type the id of the request."),
        ({"confirmation": "ref_other"}, "This is not {id}. Nothing was done."),
    ],
)
def test_each_mistake_has_its_sentence_and_settles_nothing(payment, fields, words):
    command = unknown(payment)
    answer = staff().post(page_of(command, "settle/"), typed(command, **fields))
    assert answer.status_code == 422
    assert errors(answer) == [words.replace("{id}", command.public_id)]
    command.refresh_from_db()
    assert command.command_state == CommandState.UNKNOWN


def lost(till, **fault):
    till.keeps_time()
    payment = till.sell()
    command = till.ask(payment, 500)
    till.fails("reset", times=None, **fault)
    till.work()
    till.mends()
    return MoneyCommand.objects.select_related("payment").get(pk=command.pk)


def test_it_was_not_carried_out(till):
    command = lost(till)
    till.waits(seconds=61)
    client = staff()
    answer = client.post(page_of(command, "settle/"), typed(command))
    assert (answer.status_code, answer["Location"]) == (303, page_of(command))
    page = text_of(client.get(page_of(command)).content.decode())
    assert "Settled: it was not carried out. It can be asked for again." in page
    assert "settled this by hand: Looked it up." in page
    assert till.left(command.payment).left == 2_000


def test_it_was_carried_out_by_what_is_named(till):
    command = lost(till)
    till.waits(seconds=61)
    made = till.client.v1.refunds.create({"charge": command.charge_id, "amount": 500}).id
    client = staff()
    fields = typed(command, outcome="carried_out", external_id=made)
    assert client.post(page_of(command, "settle/"), fields).status_code == 303
    assert made in text_of(client.get(page_of(command)).content.decode())
    assert client.post(page_of(command, "settle/"), fields).status_code == 409
    assert till.left(command.payment).left == 1_500


def test_a_capture_is_settled_by_the_id_of_its_payment(till):
    till.keeps_time()
    payment = till.sell(capture_method="manual")
    till.waits(seconds=5)
    command = request_capture(payment=payment, money=Money(2_000, "EUR"), seen_held=2_000, form_key="1", by=till.owner)
    till.simulator.control("POST", "/faults", kind="reset", match="POST /v1/payment_intents/*/capture", after=True)
    till.work()
    client, fields = staff(), typed(command, outcome="carried_out", external_id="pi_another")
    assert errors(client.post(page_of(command, "settle/"), fields)) == [
        "What has this id belongs to another payment. Nothing was settled."
    ]
    fields["external_id"] = payment.external_id
    assert client.post(page_of(command, "settle/"), fields).status_code == 303
    payment.refresh_from_db()
    command.refresh_from_db()
    assert (payment.provider_status, command.command_state) == ("succeeded", CommandState.SUCCEEDED)


def test_a_payment_that_nothing_came_of_or_something_else_settles_no_capture(till):
    till.keeps_time()
    payment = till.sell(capture_method="manual")
    till.waits(seconds=5)
    command = request_capture(payment=payment, money=Money(2_000, "EUR"), seen_held=2_000, form_key="1", by=till.owner)
    till.simulator.control("POST", "/faults", kind="reset", match="POST /v1/payment_intents/*/capture")
    till.work()
    client, fields = staff(), typed(command, outcome="carried_out", external_id=payment.external_id)
    assert errors(client.post(page_of(command, "settle/"), fields)) == [
        "The payment is still authorised: it was neither captured nor cancelled. Nothing was settled."
    ]
    till.client.v1.payment_intents.capture(payment.external_id, {"amount_to_capture": 500})
    (sentence,) = errors(client.post(page_of(command, "settle/"), fields))
    assert sentence.startswith("Something else became of the payment")
    command.refresh_from_db()
    assert command.command_state == CommandState.UNKNOWN


@pytest.mark.parametrize(
    ("fault", "waited", "fields", "words"),
    [
        ({}, 5, {}, "went out less than a minute ago"),
        ({"after": True}, 61, {}, "The processor did carry it out"),
        ({}, 61, {"outcome": "carried_out", "external_id": "re_nobody"}, "has nothing with this id"),
    ],
)
def test_the_processor_knows_better(till, fault, waited, fields, words):
    command = lost(till, **fault)
    till.waits(seconds=waited)
    answer = staff().post(page_of(command, "settle/"), typed(command, **fields))
    assert answer.status_code == 422
    assert words in text_of(answer.content.decode())
    command.refresh_from_db()
    assert command.command_state == CommandState.UNKNOWN


def test_a_refund_that_does_not_fit_is_refused_beside_its_id(till):
    command = lost(till)
    till.waits(seconds=61)
    made = till.client.v1.refunds.create({"charge": command.charge_id, "amount": 400}).id
    answer = staff().post(page_of(command, "settle/"), typed(command, outcome="carried_out", external_id=made))
    assert errors(answer) == ["What has this id has another amount. Nothing was settled."]


def test_a_processor_that_does_not_answer_settles_nothing(till):
    command = lost(till)
    till.waits(seconds=61)
    till.simulator.control("POST", "/faults", kind="reset", match="GET /v1/refunds", times=None)
    answer = staff().post(page_of(command, "settle/"), typed(command))
    assert "The processor does not answer, so nothing was settled." in text_of(answer.content.decode())


def test_every_refusal_is_a_conflict_or_stands_in_the_form():
    assert set(CONFLICTS) < set(REFUSALS)


# --- Elsewhere ---


def test_health_and_metrics_tell_of_what_is_unknown_for_long(payment, client):
    admin = staff(StaffRole.ADMIN)
    before = admin.get("/ops/system/health/").content.decode()
    write_command(payment, CommandState.UNKNOWN, age=901)
    page = text_of(admin.get("/ops/system/health/").content.decode())
    assert "unknown for up to" not in text_of(before)
    assert "1 to look at unknown for up to 15 min" in page
    assert client.get("/metrics").status_code == 200
    line = next(each for each in metrics().decode().splitlines() if each.startswith("counterfoil_commands_unknown"))
    assert float(line.split()[1]) == pytest.approx(901, abs=30)


def test_who_acted_is_found_from_the_audit_log(payment):
    command = unknown(payment, state=State.DEAD)
    staff().post(page_of(command, "try/"))
    page = staff(StaffRole.AUDITOR).get("/ops/audit/").content.decode()
    assert f'href="{page_of(command)}"' in page
    assert "Refund tried again by hand" in page
