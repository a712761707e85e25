"""The one mapping from states to words."""

import pytest
from django.template import Context, Template

from billing.payments.models import PaymentStatus
from billing.providers.models import ConnectionStatus
from billing.queue.models import State
from reports.status import FAMILY_ICONS, STATUSES, connection_value, describe, event_value


def badge(source: str, **context) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(("kind", "enum"), [("payment", PaymentStatus), ("connection", ConnectionStatus)])
def test_every_member_of_our_enums_has_words(kind, enum):
    assert set(enum.values) <= set(STATUSES[kind])


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("attempts", [0, 3])
def test_every_state_of_a_stored_event_has_words(state, attempts):
    assert event_value(state=state, attempts=attempts, outcome="") in STATUSES["event"]


def test_an_event_says_more_than_its_queue_state():
    assert event_value(state="pending", attempts=0, outcome="") == "received"
    assert event_value(state="pending", attempts=1, outcome="") == "retrying"
    assert event_value(state="done", attempts=1, outcome="ignored") == "ignored"
    assert event_value(state="done", attempts=1, outcome="no_change") == "processed"


@pytest.mark.parametrize(
    ("facts", "word", "family"),
    [
        ({}, "connected", "ok"),
        ({"syncing": True, "troubled": True}, "syncing", "info"),
        ({"troubled": True}, "degraded", "warn"),
        ({"broken": True, "syncing": True, "troubled": True}, "action_required", "danger"),
        ({"status": "disconnected", "broken": True}, "disconnected", "neutral"),
    ],
)
def test_a_connection_is_called_by_the_worst_of_it(facts, word, family):
    usual = {"status": "connected", "broken": False, "syncing": False, "troubled": False}
    assert connection_value(**{**usual, **facts}) == word
    assert STATUSES["connection"][word].family == family


@pytest.mark.parametrize("kind", STATUSES)
def test_every_status_has_family_word_and_sentence(kind):
    for value, status in STATUSES[kind].items():
        assert status.family in FAMILY_ICONS
        assert str(status.label)[0].isupper(), value
        assert str(status.explanation).endswith("."), value


def test_a_badge_is_icon_word_and_colour():
    html = badge('{% status "payment" "succeeded" %}')
    assert 'class="cf-badge cf-ok"' in html
    assert "#check" in html
    assert html.endswith("Succeeded</span>")


def test_an_unknown_value_is_shown_raw_neutral_and_escaped():
    html = badge('{% status "payment" value %}', value="<new>")
    assert "cf-neutral" in html
    assert "&lt;new&gt;" in html
    assert describe("dispute", "warning_new").family == "neutral"


def test_a_processors_own_word_replaces_unknown():
    assert badge('{% status "payment" "unknown" raw="requires_magic" %}').endswith("requires_magic</span>")
    assert badge('{% status "payment" "failed" raw="requires_magic" %}').endswith("Failed</span>")


def test_a_kind_that_does_not_exist_is_an_error():
    with pytest.raises(KeyError):
        describe("weather", "sunny")


@pytest.mark.parametrize("kind", ["refund", "payout"])
def test_what_a_processor_spells_otherwise_reads_as_our_word(kind):
    html = badge("{% status kind 'canceled' %}", kind=kind)
    assert html.endswith("Cancelled</span>")
    assert "#circle" in html


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("warning_needs_response", "Inquiry – answer"),
        ("warning_under_review", "Inquiry – under review"),
        ("warning_closed", "Inquiry – closed"),
        ("appeal_needs_response", "Appeal – needs response"),
        ("a_word_of_next_year", "a_word_of_next_year"),
    ],
)
def test_a_dispute_says_where_it_stands(value, words):
    assert badge("{% status 'dispute' value %}", value=value).endswith(f"{words}</span>")
