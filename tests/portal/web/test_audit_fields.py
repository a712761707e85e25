"""What changed with an act, in words."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import translation

from billing.audit.check import verify_due
from billing.audit.models import AuditEvent, ChainCheck
from portal.web.audit.fields import changes, value_text
from portal.web.kept_words import known
from tests.billing.audit.forging import forge, rows_of, triggers_off, write

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("role", None, "nothing"),
        ("role", "", "nothing"),
        ("missing", [], "nothing"),
        ("missing", ["charges", "refunds"], "charges, refunds"),
        ("shared", True, "yes"),
        ("shared", False, "no"),
        ("count", 0, "0"),
        ("livemode", True, "Live"),
        ("livemode", False, "Test"),
        ("mode", "test", "Test"),
        ("audience", "staff", "Staff only"),
        ("kind", "backfill", "Full sync"),
        ("list", "refunds", "Refunds"),
        ("until", "2026-07-20T12:00:00+00:00", "20 Jul 2026, 14:00:00"),
        ("until", "2026-07-20T12:00:00", "2026-07-20T12:00:00"),
        ("until", "2026-99-20T12:00:00+00:00", "2026-99-20T12:00:00+00:00"),
        ("filters", {"action": ["notes"], "date": ["today"]}, "acts notes, date today"),
        ("never heard of", "as it is", "as it is"),
    ],
)
def test_values_in_words(name, value, text):
    assert value_text(name, value, PARIS) == text


def told(merchant_id, before, after):
    event = AuditEvent(merchant_id=merchant_id, before=before, after=after)
    return [(str(change.field), change.before, change.after) for change in changes(event, PARIS)]


def test_fields_stand_beside_each_other():
    assert told(1, {"name": "Old", "slug": "old"}, {"name": "New", "timezone": "UTC"}) == [
        ("name", "Old", "New"),
        ("short name", "old", ""),
        ("time zone", "", "UTC"),
    ]


def test_what_tells_most_comes_first():
    fields = [
        field for field, _before, _after in told(1, None, {"aaa": "x", "refused": "", "key": True, "mode": "live"})
    ]
    assert fields == ["key", "aaa", "mode", "refused"]


def test_an_act_without_fields_changed_none():
    assert told(1, None, None) == []


def test_roles_of_staff_are_called_otherwise():
    assert told(None, None, {"role": "admin"}) == [("role", "", "Platform admin")]
    assert told(1, None, {"role": "admin"}) == [("role", "", "Admin")]


def test_words_are_those_of_the_reader():
    with translation.override("fr"):
        assert value_text("shared", True, PARIS) == "oui"
        assert "haché" in value_text("finding", "its content is not what was hashed.", PARIS)


def _gap():
    rows_of().filter(seq=2).delete()


def _end():
    rows_of().filter(seq=3).delete()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "tamper",
    [
        lambda: forge(2, reason="Forged."),
        lambda: forge(2, prev_hash="e" * 64),
        lambda: forge(1, hash="d" * 64),
    ],
)
@pytest.mark.as_owner
def test_every_finding_is_a_sentence_in_each_language(tamper):
    write(3)
    tamper()
    verify_due()
    assert known(_finding())


@pytest.mark.django_db
@pytest.mark.parametrize("tamper", [_gap, _end])
@pytest.mark.as_owner
def test_what_is_missing_is_a_sentence_in_each_language(tamper):
    write(3)
    verify_due()
    with triggers_off():
        tamper()
    with time_machine.travel(rows_of().first().occurred_at + timedelta(hours=2), tick=False):
        verify_due()
    assert known(_finding())


def _finding():
    return ChainCheck.objects.get(merchant_id=1).finding


def test_amounts_of_a_limit_are_told_in_its_currency():
    before = {"single": 10_000, "daily": 50_000}
    after = {"role": "support", "action": "refund", "currency": "KWD", "livemode": False, "single": 0, "daily": 90_000}
    told = {
        str(each.field): (each.before, each.after) for each in changes(AuditEvent(before=before, after=after), PARIS)
    }
    assert told["of one payment"] == ("10.000 KWD", "0.000 KWD")
    assert told["in 24 hours"] == ("50.000 KWD", "90.000 KWD")
    assert told["acts"] == ("", "Refunds")
    assert "currency" not in told
