"""Draws look random, and are the same every time."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from simulator.chance import Chance
from simulator.ids import new_id


@given(st.text(max_size=8), st.text(min_size=1, max_size=8), st.integers(1, 10**9))
def test_the_same_seed_draws_the_same(seed: str, stream: str, limit: int) -> None:
    first, second = ([chance.below(stream, limit) for _ in range(4)] for chance in (Chance(seed), Chance(seed)))
    assert first == second
    assert all(0 <= number < limit for number in first)


def test_another_seed_draws_something_else() -> None:
    assert Chance("1").text("ch", 24) != Chance("2").text("ch", 24)


def test_streams_do_not_disturb_each_other() -> None:
    quiet, busy = Chance("1"), Chance("1")
    for _ in range(5):
        busy.text("ch", 24)
    assert quiet.text("cus", 14) == busy.text("cus", 14)


def test_draws_go_on_where_they_were_left() -> None:
    whole = Chance("1")
    drawn = [whole.below("risk", 100) for _ in range(6)]
    taken_up = Chance("1", {"risk": 3})
    assert [taken_up.below("risk", 100) for _ in range(3)] == drawn[3:]
    assert (taken_up.counters, taken_up.drawn) == ({"risk": 6}, {"risk"})


def test_draws_are_even() -> None:
    chance = Chance("1")
    counts = Counter(chance.below("dice", 6) for _ in range(6000))
    assert all(880 < count < 1120 for count in counts.values())
    assert 230 < sum(chance.happens("coin", 1, 4) for _ in range(1000)) < 270


def test_picks_are_of_what_was_offered() -> None:
    chance = Chance("1")
    assert {chance.pick("colour", ("red", "green", "blue")) for _ in range(50)} == {"red", "green", "blue"}


def test_ids_say_what_they_name_and_never_repeat() -> None:
    chance = Chance("1")
    names = [new_id(chance, "ch") for _ in range(2000)]
    assert len(set(names)) == 2000
    assert all(name.startswith("ch_3") and len(name) == 27 and name[3:].isalnum() for name in names)
    assert len(new_id(chance, "cus")) == len("cus_") + 14
