"""How far each chain was verified, and what the next check finds."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from billing import clock
from billing.audit import check
from billing.audit.check import EVERY, verify_due, verify_now
from billing.audit.models import AuditEvent, ChainCheck
from tests.billing.audit.forging import forge, rewrite_from, rows_of, triggers_off, write

pytestmark = [pytest.mark.django_db, pytest.mark.as_owner]
NOW = "2026-11-20T14:00:00Z"


def checked(merchant_id: int | None = 1) -> ChainCheck:
    return ChainCheck.objects.get(merchant_id=merchant_id)


def an_hour_later() -> Any:
    return time_machine.travel(clock.now() + EVERY + timedelta(seconds=1), tick=False)


@pytest.fixture(autouse=True)
def at_two() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def test_every_chain_is_verified_to_its_head() -> None:
    write(3), write(2, merchant_id=None), write(1, merchant_id=40)
    verify_due()
    found = {each.merchant_id: (each.verified_seq, each.verified_hash) for each in ChainCheck.objects.all()}
    heads = {chain: rows_of(chain).last() for chain in (1, None, 40)}
    assert found == {chain: (head.seq, head.hash) for chain, head in heads.items()}
    assert checked().verified_from == checked().verified_at == clock.now()
    assert not checked().is_broken
    assert not checked().is_under_way


def test_it_says_no_more_than_was_checked() -> None:
    write(3)
    verify_due()
    write(2)
    verify_due()
    assert checked().verified_seq == 3
    with an_hour_later():
        verify_due()
    assert checked().verified_seq == 5


def test_a_row_that_is_changed_after_a_check_is_found_by_the_next() -> None:
    write(3)
    verify_due()
    forge(2, reason="Forged.")
    verify_due()
    assert not checked().is_broken
    with an_hour_later():
        verify_due()
        broken = checked()
        assert (broken.broken_seq, broken.finding) == (2, "its content is not what was hashed.")
        assert broken.broken_at == clock.now()
    assert broken.verified_seq == 3


def test_a_break_is_told_in_the_platforms_chain_once() -> None:
    write(3)
    forge(2, reason="Forged.")
    verify_due()
    with an_hour_later():
        verify_due()
    told = AuditEvent.objects.get(action="audit.break_found")
    assert (told.merchant_id, told.object_id) == (None, "1")
    assert told.after == {"row": 2, "finding": "its content is not what was hashed."}


def test_a_cut_end_is_found() -> None:
    write(3)
    verify_due()
    with triggers_off():
        rows_of().filter(seq__gt=1).delete()
    with an_hour_later():
        verify_due()
    assert checked().finding == "missing, although an earlier head counted 3 rows."
    assert checked().broken_seq == 2


def test_a_chain_that_was_removed_whole_is_found() -> None:
    write(2)
    verify_due()
    with triggers_off():
        rows_of().delete()
    with an_hour_later():
        verify_due()
    assert checked().broken_seq == 1


def test_a_chain_that_was_written_anew_is_found() -> None:
    write(3)
    verify_due()
    forge(2, reason="Forged.")
    rewrite_from(2)
    with an_hour_later():
        verify_due()
    assert checked().finding == "its hash is not the one in an earlier head: the chain was written anew."
    assert checked().broken_seq == 3


def test_what_is_mended_is_verified_again() -> None:
    write(3)
    verify_due()
    forge(2, reason="Forged.")
    verify_now([1], seconds=1)
    assert checked().is_broken
    forge(2, reason="Asked for.")
    verify_now([1], seconds=1)
    assert not checked().is_broken
    assert (checked().finding, checked().broken_at) == ("", None)


def test_a_long_chain_is_followed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "ROWS_AT_ONCE", 2)
    write(5)
    for reached in (2, 4):
        check._meet_chains()
        assert check._verify_some(ChainCheck.objects.get().pk)
        assert (checked().reached_seq, checked().verified_seq) == (reached, 0)
        assert checked().is_under_way
    verify_due()
    assert checked().verified_seq == 5
    assert not checked().is_under_way


def test_a_part_of_exactly_its_size_leaves_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "ROWS_AT_ONCE", 2)
    write(4)
    verify_due()
    assert checked().verified_seq == 4


def test_a_break_at_the_seam_of_two_parts_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "ROWS_AT_ONCE", 2)
    write(5)
    verify_due(seconds=0)
    check._verify_some(ChainCheck.objects.get().pk)
    with triggers_off():
        rows_of().filter(seq=3).delete()
    verify_due()
    assert (checked().broken_seq, checked().finding) == (3, "missing, the next one is row 4.")


def test_no_time_left_is_time_for_the_next_round() -> None:
    write(3)
    verify_due(seconds=0)
    assert checked().verified_seq == 0
    assert checked().verified_at is None


def test_somebody_who_asks_need_not_wait_for_the_hour() -> None:
    write(3), write(1, merchant_id=40)
    verify_due()
    write(1), write(1, merchant_id=40)
    verify_now([1], seconds=1)
    assert (checked().verified_seq, checked(40).verified_seq) == (4, 1)


def test_asking_does_not_begin_a_check_under_way_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "ROWS_AT_ONCE", 2)
    write(5)
    verify_due(seconds=0)
    check._verify_some(ChainCheck.objects.get().pk)
    verify_now([1], seconds=0)
    assert checked().reached_seq == 2
