"""What the readers let through fits the columns that mirror it."""

from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from django.db.models import CharField

from billing.mirror import registry
from billing.providers.base import Kind, UnreadableObject
from billing.providers.stripe.objects import read
from tests.billing.providers.stripe_objects import COMPLETE
from tests.billing.providers.test_stripe_any_json import paths, put

NAMES = {
    Kind.INTENT: "payment_intent",
    Kind.WARNING: "radar.early_fraud_warning",
}
# Neutral name -> column, where they differ.
COLUMNS = {
    "status": "provider_status",
    "country": "card_country",
    "name": "holder_name",
    "email": "holder_email",
}


def texts(value: Any) -> list[tuple[str, str]]:
    found = []
    for field in fields(value):
        part = getattr(value, field.name)
        found += texts(part) if is_dataclass(part) else [(field.name, part)] if isinstance(part, str) else []
    return found


def longest(model: Any) -> dict[str, int]:
    return {
        column.name: column.max_length
        for column in model._meta.get_fields()
        if isinstance(column, CharField) and column.max_length
    }


@pytest.mark.parametrize("kind", Kind)
def test_no_text_is_longer_than_its_column(kind):
    room, compared = longest(registry.of(kind).model), set()
    sample = COMPLETE[NAMES.get(kind, kind.value)]
    for path in paths(sample)[1:]:
        try:
            seen = read(put(sample, path, "x" * 3000))
        except UnreadableObject:
            continue
        if seen is None:
            continue
        for name, value in texts(seen):
            column = COLUMNS[name] if COLUMNS.get(name) in room else name
            if column in room:
                compared.add(column)
                assert len(value) <= room[column], (name, path)
    assert len(compared) >= 3
