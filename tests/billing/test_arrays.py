"""Columns written as one text each arrive in PostgreSQL as they were."""

import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from billing.arrays import array, arrays
from billing.merchants.models import Merchant
from tests.billing.factories import make_merchant

pytestmark = pytest.mark.django_db
# What PostgreSQL's text can hold.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def stored(values: list[Any], kind: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM unnest(%s::{kind}[])", [array(values)])
        return [row[0] for row in cursor.fetchall()]


@given(st.lists(st.none() | TEXTS | st.sampled_from(["NULL", "null", "{}", "{a,b}", '"', "\\", "", " ", "'; --"])))
def test_texts_come_back_as_they_were(values: list[str | None]) -> None:
    assert stored(values, "text") == values


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)))
def test_numbers_come_back_as_they_were(values: list[int | None]) -> None:
    assert stored(values, "bigint") == values


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bool", [True, False, None]),
        ("uuid", [uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), None]),
        ("date", [date(1, 1, 1), date(9999, 12, 31)]),
        ("timestamptz", [datetime(2026, 3, 29, 1, 30, 0, 1, tzinfo=UTC)]),
        ("numeric", [Decimal("-0.001"), Decimal("1E+3"), Decimal("Infinity")]),
        ("interval", [timedelta(days=-1, microseconds=1)]),
    ],
)
def test_other_values_come_back_as_they_were(kind: str, values: list[Any]) -> None:
    assert stored(values, kind) == values


def test_a_moment_of_any_zone_is_the_same_moment() -> None:
    there = datetime(2026, 1, 1, 0, 0, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    assert stored([there], "timestamptz") == [there]


def test_a_text_that_is_translated_late_is_quoted_like_others() -> None:
    assert stored([gettext_lazy("a, b")], "text") == ["a, b"]


def test_a_text_with_nul_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        stored(["a\0b"], "text")


@pytest.mark.parametrize("value", [b"a", memoryview(b"a"), ["a"], {"a": 1}, object()])
def test_what_python_alone_can_read_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=f" {type(value).__name__} "):
        array([value])


def test_columns_of_rows() -> None:
    assert arrays([(1, "a"), (2, None)]) == ["{1,2}", '{"a",NULL}']


def test_rows_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="argument"):
        arrays([(1, "a"), (2,)])


@pytest.mark.parametrize("name", ["pk", "slug"])
def test_rows_among_values(name: str) -> None:
    one, two, _ = make_merchant(), make_merchant(), make_merchant()
    wanted = {getattr(one, name), getattr(two, name)}
    assert set(Merchant.objects.filter(**{f"{name}__among": wanted})) == {one, two}


def test_values_that_come_only_once_can_be_asked_for_twice() -> None:
    found = Merchant.objects.filter(pk__among=(each.pk for each in [make_merchant()]))
    assert (found.count(), found.count()) == (1, 1)


def test_no_row_is_among_no_values() -> None:
    make_merchant()
    assert not Merchant.objects.filter(pk__among=[]).exists()


def test_a_text_that_postgresql_cannot_hold_is_no_two_texts() -> None:
    with pytest.raises(ValueError, match="NUL"):
        stored(["a\0b", "c"], "text")
