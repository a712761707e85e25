"""Which events an endpoint has to send: those that somebody here reads, by names that Stripe knows."""

import json

from billing.providers.stripe.objects import MIRRORED
from billing.providers.stripe.types import EVENT_TYPES, PLATFORM_TYPES
from tests.architecture.source import ROOT

# Their names begin like those of what is read, and they carry other objects, or a preview of one.
OF_SOMETHING_ELSE = (
    *("account.application.authorized", "account.external_account.", "customer.discount.", "customer.subscription."),
    *("customer.tax_id.", "invoice.upcoming", "invoice.will_be_due"),
    # What old versions called payouts; today they are movements between accounts.
    "transfer.",
)


def known_to_stripe():
    """As the package's annotations have them."""
    shapes = json.loads((ROOT / "simulator/spec/parameters.json").read_text())["shapes"]
    return set(shapes["WebhookEndpointUpdateParams"]["enabled_events"]["list"])


def test_every_type_is_one_that_stripe_knows():
    chosen = [*EVENT_TYPES, *PLATFORM_TYPES]
    assert set(chosen) <= known_to_stripe()
    assert len(set(chosen)) == len(chosen)


def test_nothing_that_is_read_here_is_left_out():
    told = tuple(beginning for mirrored in MIRRORED.values() for beginning in mirrored.told_by)
    read = {name for name in known_to_stripe() if name.startswith(told) and not name.startswith(OF_SOMETHING_ELSE)}
    assert read == {*EVENT_TYPES, *PLATFORM_TYPES}
