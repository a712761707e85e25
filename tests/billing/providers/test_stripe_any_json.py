"""Whatever JSON stands in an object, the answer is a dataclass whose fields fit their columns, or UnreadableObject."""

import json
import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.providers.base import UnreadableObject
from billing.providers.events import NeutralEvent
from billing.providers.stripe.objects import MIRRORED, read, translate
from tests.billing.providers.stripe_objects import COMPLETE, event

# Lone surrogates and NUL included: JSON can spell both.
TEXTS = st.text(st.characters(), max_size=8) | st.sampled_from(["", "\x00", "\ud800", "eur", "card", "succeeded"])
NUMBERS = st.integers() | st.floats() | st.sampled_from([0, 1, -1, 10**15 - 1, 2**63, 1_795_000_000])
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS
ANY_JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))

# What has been forgotten somewhere before: each of these is put into each place of each sample.
NASTY: list[Any] = [
    *(None, True, False, 0, 1, -1, 32_768, 10**15, -(10**15), 2**63, 10**30, 1.5, float("inf"), float("nan")),
    *("", "\x00", "a\x00\ud800", "x" * 3000, "1e9999", "sNaN", [], [None], ["\ud800"], [[]], [{}], [{"amount": "1"}]),
    *({}, {"id": "\ud800\x00"}, {"id": {}}, {"data": [{}]}, {"data": {}}, {"type": [], "x": {}}, {"type": "\x00"}),
]

OLD: list[dict[str, Any]] = [
    {"id": "card_1", "object": "card", "customer": "cus_1", "brand": "Visa", "last4": "4242", "exp_month": 1},
    {"id": "src_1", "object": "source", "type": "card", "customer": "cus_1", "card": {"last4": "1"}, "owner": {}},
    {**COMPLETE["payout"], "object": "transfer", "date": 1, "bank_account": {}, "type": "bank_account"},
    {**COMPLETE["charge"], "status": None, "payment_method_details": None, "source": {"object": "card", "type": "JCB"}},
    {**COMPLETE["dispute"], "balance_transaction": "txn_1", "evidence": "text", "evidence_due_by": 1},
    {**COMPLETE["invoice"], "status": None, "closed": True, "date": 1, "tax": None, "total_taxes": [{"amount": 1}]},
    {**COMPLETE["account"], "settings": None, "display_name": "", "timezone": "", "transfers_enabled": True},
]
SAMPLES = [*COMPLETE.values(), *OLD]
# What no text in the database may hold.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def paths(value: Any, start: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else []
    return [start, *(path for key, child in children for path in paths(child, (*start, key)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = put(copy[path[0]], path[1:], new)
    return copy


@st.composite
def damaged(draw: st.DrawFn, sample: dict[str, Any]) -> dict[str, Any]:
    """The sample with other JSON in up to three of its places, deep ones too; its kind stays."""
    source: Any = sample
    for _ in range(draw(st.integers(1, 3))):
        source = put(source, draw(st.sampled_from(paths(source)[1:])), draw(ANY_JSON))
    return {**source, "object": sample["object"]}


def told(tell: Callable[[], NeutralEvent | None]) -> NeutralEvent | None:
    """What is told; None where it is refused."""
    try:
        return tell()
    except UnreadableObject:
        return None


def misfits(value: Any, hint: Any) -> list[Any]:
    """What of a value is not of its type, or does not fit into its column."""
    origin, kinds = get_origin(hint), get_args(hint)
    if origin is UnionType:
        # Numbers that may be missing are months, years and scores, in columns of two bytes.
        fits = type(value) in kinds and (not isinstance(value, int) or 0 <= value < 2**15)
        return misfits(value, type(value)) if fits else [value]
    if is_dataclass(hint):
        hints = get_type_hints(type(value))
        return [wrong for field in fields(value) for wrong in misfits(getattr(value, field.name), hints[field.name])]
    if origin is dict:
        return misfits([*value.items()], list[tuple[str, str]])
    if origin in {tuple, list}:
        inner = [kinds[0]] * len(value) if len(kinds) == 1 or kinds[-1] is ... else kinds
        return [wrong for item, kind in zip(value, inner, strict=True) for wrong in misfits(item, kind)]
    return [] if type(value) is hint and fits_alone(value) else [value]


def fits_alone(value: Any) -> bool:
    if isinstance(value, str):
        return not UNSTORABLE.search(value) and len(value.encode()) <= 600_000
    if isinstance(value, int):
        return abs(value) < 2**63
    return not isinstance(value, datetime) or value.utcoffset() is not None


def misread(seen: NeutralEvent | None) -> list[Any]:
    return [] if seen is None else misfits(seen, type(seen))


def test_every_mirrored_object_has_a_sample():
    assert {sample["object"] for sample in SAMPLES} == set(MIRRORED)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["object"])
def test_nonsense_in_one_place_is_read_or_refused(sample):
    sources = (put(sample, path, value) for path in paths(sample)[1:] for value in NASTY)
    answers = [told(lambda source=source: read(source)) for source in sources]
    assert [wrong for seen in answers for wrong in misread(seen)] == []
    assert {seen is not None for seen in answers} == {True, False}


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_any_json_is_read_or_refused(data):
    source = data.draw(st.sampled_from(SAMPLES).flatmap(damaged))
    kinds = [beginning + "updated" for beginning in MIRRORED[source["object"]].told_by]
    kinds += ["customer.deleted", "invoice.deleted", "payment_method.detached", "account.application.deauthorized"]
    payload = event(data.draw(st.sampled_from(kinds)), source)
    for tell in (lambda: read(source), lambda: translate(payload)):
        seen = told(tell)
        assert misread(seen) == []
        assert len({seen, told(tell)}) == 1


@settings(max_examples=100, deadline=None)
@given(payload=st.dictionaries(st.sampled_from(["type", "data", "account", "id"]) | TEXTS, ANY_JSON, max_size=4))
def test_an_envelope_of_any_json_is_left_alone(payload):
    assert translate(payload) is None
    assert read(payload) is None


@pytest.mark.parametrize("name", ["metadata", "evidence", "lines", "fee_details", "object", "status", "paid", "id"])
def test_deep_nesting_is_no_recursion(name):
    """As deep as the parser goes, and read from a deeper place."""
    deep = json.loads('{"a":' * 900 + "1" + "}" * 900)

    def dig(depth: int, source: dict[str, Any]) -> NeutralEvent | None:
        return dig(depth - 1, source) if depth else told(lambda: read(source))

    seen = [dig(60, {**sample, name: value}) for sample in SAMPLES for value in (deep, {"x": deep}, [deep])]
    assert any(seen) == (name not in {"id", "object"})
    assert all(each.external_id for each in seen if each)


def test_the_check_finds_what_does_not_fit():
    seen = read(COMPLETE["customer"])
    assert seen is not None
    assert misread(seen) == []
    for name, value in [("name", "a\x00"), ("name", "\ud800"), ("rank", 2**63), ("currency", None), ("deleted", 1)]:
        assert misread(replace(seen, **{name: value})) == [value]
