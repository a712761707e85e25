"""A payment in every currency: made at the processor, told by its webhook, shown on pages, and read back from there."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
import stripe
from django.test import Client

from billing.money import KNOWN_CURRENCIES, Money, parse
from billing.payments.models import Payment
from billing.providers.base import AmountRefused
from billing.providers.models import ProviderAccount
from billing.providers.stripe.amounts import sent
from billing.refunds.models import Refund
from tests.billing.deliveries import make_connection, process_all
from tests.portal.fragments import row_of, rows_of
from tests.portal.payments import address
from tests.simulator.processes import Receiver, Simulator, receiving, running

pytestmark = pytest.mark.django_db

# In which Stripe charges: https://docs.stripe.com/currencies.
_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY
COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD
JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD
NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SZL
THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW
"""
STRIPES = frozenset(_CODES.split())
# Renamed in 2018; people type its successor.
TYPED_BY_NOBODY = {"STD"}
LANGUAGES = {"en": "en_GB", "fr": "fr_FR"}
_AMOUNT = re.compile(r'<bdi dir="ltr" class="cf-money[^"]*">([^<]+) <span>([A-Z]{3})</span></bdi>')


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


def carried(minor: int, currency: str) -> Money:
    """The nearest amount below that Stripe takes."""
    for less in (0, minor % 10, minor % 100):
        money = Money(minor - less, currency)
        try:
            sent(money)
        except AmountRefused:
            continue
        return money
    raise AssertionError(currency)


def pay(client: stripe.StripeClient, paid: Money, back: Money) -> tuple[str, str]:
    """Ids of a payment and of a refund of a part of it."""
    automatic: Any = {"enabled": True, "allow_redirects": "never"}
    intent = client.v1.payment_intents.create(
        {
            "amount": sent(paid),
            "currency": paid.currency.lower(),
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": automatic,
        }
    )
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": sent(back)})
    return intent.id, refund.id


def bring(client: Client, account: ProviderAccount, receiver: Receiver) -> None:
    """What the processor delivered goes through our door as it came."""
    for delivered in receiver.received:
        headers = {"Stripe-Signature": delivered.signature}
        path = f"/webhooks/stripe/{account.public_id}/"
        answer = client.post(path, delivered.body, content_type="application/json", headers=headers)
        assert answer.status_code == 200
    process_all()


def shown(client: Client, url: str, language: str) -> dict[str, tuple[str, str]]:
    """By public id of each row: the text of its first amount, and the currency."""
    found = {}
    while url:
        page = client.get(url, HTTP_ACCEPT_LANGUAGE=language).content.decode()
        for public_id in rows_of(page):
            text, currency = _AMOUNT.findall(row_of(page, public_id))[0]
            found[public_id] = (unescape(text), currency)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        url = unescape(following[1]) if following else ""
    return found


def test_an_amount_is_the_same_wherever_it_passes(client, shop, simulator):
    processor = simulator.client("sk_test_every_currency")
    types: Any = ["payment_intent.succeeded", "charge.succeeded", "refund.created"]
    account = make_connection(shop)
    paid = {code: carried(234_567, code) for code in sorted(STRIPES)}
    given_back = {code: carried(12_345, code) for code in sorted(STRIPES)}
    with receiving() as receiver:
        endpoint = processor.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": types})
        account.secrets.create(secret=endpoint.secret, last4=str(endpoint.secret)[-4:], created_at=account.created_at)
        made = {code: pay(processor, paid[code], given_back[code]) for code in sorted(STRIPES)}
        simulator.control("POST", "/deliveries/settle")
    bring(client, account, receiver)

    for model, place, kept, path in (
        (Payment, 0, paid, "transactions/"),
        (Refund, 1, {code: -money for code, money in given_back.items()}, "refunds/"),
    ):
        names = dict(model.objects.filter(account=account).values_list("external_id", "public_id"))
        for language, locale in LANGUAGES.items():
            found = shown(client, f"{address(shop, path)}?size=100", language)
            for code in sorted(STRIPES):
                text, currency = found[names[made[code][place]]]
                assert currency == code
                if code not in TYPED_BY_NOBODY:
                    assert parse(text, code, locale) == kept[code], (text, code)


def test_people_can_type_every_currency_of_the_processors() -> None:
    assert STRIPES - KNOWN_CURRENCIES == TYPED_BY_NOBODY


@pytest.mark.parametrize(("number", "currency"), [(1_234, "kwd"), (1_050, "isk"), (1_050, "ugx"), (10**8, "eur")])
def test_what_we_refuse_the_processor_refuses(simulator, number, currency):
    with pytest.raises(stripe.InvalidRequestError):
        simulator.client("sk_test_refused").v1.payment_intents.create({"amount": number, "currency": currency})
