"""What a finding says of the object that it is about."""

import pytest

from billing.providers.stripe.objects import read
from billing.sync.findings import amount_of
from billing.sync.models import SyncRun


@pytest.mark.parametrize(
    ("source", "amount"),
    [
        ({"total": 1_200, "currency": "eur", "status": "open"}, (1_200, "EUR")),
        ({"total": -500, "currency": "ugx", "status": "open"}, (-5, "UGX")),
        ({"deleted": True}, (None, "")),
        ({"deleted": True, "total": 1_200, "currency": "eur"}, (1_200, "EUR")),
    ],
)
def test_an_invoice_has_an_amount_while_it_has_a_currency(source: dict[str, object], amount: tuple[int | None, str]):
    assert amount_of(SyncRun(), read({"object": "invoice", "id": "in_1", "created": 1_795_000_000, **source})) == amount
