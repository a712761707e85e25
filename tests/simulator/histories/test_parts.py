"""The parts of worlds: times, prices, cards, people, what issuers have in mind."""

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from simulator.chance import Chance
from simulator.instruments.cards import numbered
from simulator.money.currencies import step
from simulator.worlds import names, plastic
from simulator.worlds.draws import Weights
from simulator.worlds.merchants import PROFILES
from simulator.worlds.seasons import arrivals
from tests.simulator.worlds import World

START, DAY = 1767603600, 24 * 3600


def test_orders_come_in_order_and_as_many_as_wanted() -> None:
    times = arrivals(PROFILES["outdoor"], Chance("1"), START + 900, START + 3 * DAY, 200)
    assert len(times) == 200
    assert times == sorted(times)
    assert times[0] >= START + 900
    assert times[-1] < START + 3 * DAY


def test_an_average_day_has_its_orders() -> None:
    profile = PROFILES["bookshop"]
    year = arrivals(profile, Chance("1"), START, START + 28 * DAY)
    assert profile.daily * 28 * 7 // 10 < len(year) < profile.daily * 28 * 13 // 10


def test_orders_follow_the_hours_of_the_merchant() -> None:
    zone = ZoneInfo("America/New_York")
    times = arrivals(PROFILES["bookshop"], Chance("1"), START, START + 14 * DAY, 1500)
    hours = Counter(datetime.fromtimestamp(at, UTC).astimezone(zone).hour for at in times)
    assert sum(hours[hour] for hour in range(18, 23)) > 4 * sum(hours[hour] for hour in range(1, 6))


@pytest.mark.parametrize("name", PROFILES)
def test_prices_are_money_in_every_currency(name: str) -> None:
    profile = PROFILES[name]
    for currency in profile.currencies:
        prices = [profile.price(item, currency) for item in profile.catalogue]
        assert min(prices) > 0
        assert all(price % step(currency) == 0 for price in prices)


@pytest.mark.parametrize("country", ["FR", "US", "JP", "KE", "CN", "NZ"])
def test_cards_have_numbers_that_check(country: str) -> None:
    chance = Chance(country)
    cards = [plastic.issued(chance, country, START).card for _ in range(40)]
    assert all(numbered(card.number) is not None for card in cards)
    assert all(numbered(card.number).brand == card.brand for card in cards)  # type: ignore[union-attr]
    assert len({card.fingerprint for card in cards}) == 40


@pytest.mark.parametrize("country", ["FR", "IS", "KW", "TZ", "ZZ"])
def test_people_have_names_addresses_and_plain_mail(country: str) -> None:
    chance = Chance("1")
    for _ in range(40):
        assert names.mail(chance, names.person(chance, country)).isascii()
        place = names.place(chance, country)
        assert all(place.values())


def test_weights_are_kept() -> None:
    weights = Weights({"a": 1, "b": 3})
    chance = Chance("1")
    counted = Counter(weights.pick(chance, "x") for _ in range(2000))
    assert 1400 < counted["b"] < 1600


def test_a_foretold_decline_comes_once(world: World) -> None:
    method = world.post("/v1/payment_methods", type="card", card={"token": "tok_visa"})
    _foretell(world, method["card"]["fingerprint"], decline="do_not_honor")
    first, second = _pay(world, method["id"]), _pay(world, method["id"])
    assert first.status == 402
    assert first.error["decline_code"] == "do_not_honor"
    assert second["status"] == "succeeded"


def test_a_foretold_risk_is_the_charges_own(world: World) -> None:
    method = world.post("/v1/payment_methods", type="card", card={"token": "tok_visa"})
    _foretell(world, method["card"]["fingerprint"], risk="elevated")
    charge = world.get(f"/v1/charges/{_pay(world, method['id'])['latest_charge']}")
    assert charge["outcome"]["risk_level"] == "elevated"


def _foretell(world: World, fingerprint: str, **what: str) -> None:
    from simulator.payments.fates import foretell
    from tests.simulator.worlds import ACCOUNT

    with world.engine.transaction():
        foretell(world.engine.call(ACCOUNT), fingerprint, **what)  # type: ignore[arg-type]


def _pay(world: World, method: str):  # type: ignore[no-untyped-def]
    never = {"enabled": True, "allow_redirects": "never"}
    return world.post(
        "/v1/payment_intents",
        amount=1200, currency="eur", payment_method=method, confirm=True, automatic_payment_methods=never,
    )  # fmt: skip
