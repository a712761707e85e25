"""Facts that are written by one statement."""

import pytest

from billing.outbox.models import OutboxEvent
from billing.outbox.publish import Fact, publish, published_together


def say(word: str) -> None:
    publish([Fact("thing.changed", 1, False, word)])


def said() -> list[str]:
    return list(OutboxEvent.objects.order_by("pk").values_list("object_id", flat=True))


@pytest.mark.django_db
def test_what_is_published_in_a_block_is_written_at_its_end_in_order(django_assert_num_queries) -> None:
    with django_assert_num_queries(1), published_together():
        for word in ("one", "two", "three"):
            say(word)
    assert said() == ["one", "two", "three"]


@pytest.mark.django_db
def test_a_block_within_another_is_written_with_it() -> None:
    with published_together():
        say("one")
        with published_together():
            say("two")
        assert said() == []
        say("three")
    assert said() == ["one", "two", "three"]


@pytest.mark.django_db
def test_of_a_block_that_fails_nothing_is_written() -> None:
    with published_together():
        say("one")
        with pytest.raises(ZeroDivisionError), published_together():
            say("two")
            raise ZeroDivisionError
    assert said() == ["one"]
