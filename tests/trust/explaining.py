"""Figures as the pages show them, drawn at random, and whether the way down from them adds up.

Runs in the actor's process.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.http import QueryDict

from billing.figures.models import DailyFigures
from billing.ledger.chart import Code
from billing.ledger.explain import Figure, entries_of, parts_of, shares_of
from billing.ledger.models import EntryKind, LedgerAccount
from billing.payments.models import Payment
from billing.payouts.models import BalanceTransaction, Payout
from billing.providers.models import ProviderAccount
from portal.merchant.balance.accounts import ACCOUNTS
from portal.merchant.balance.explain import Explanation, load_explanation
from portal.merchant.balance.of_payment import load_payment
from portal.web.periods import day_start

PLACES_AT_PROCESSOR = ("processor_pending", "processor_available", "reserves", "other_balances")


def explain_figures(*, connection: str, figures: int, seed: int) -> dict[str, Any]:
    """How many figures of which kind were looked at, and a sentence for each whose way down does not add up."""
    account = ProviderAccount.objects.select_related("merchant").get(public_id=connection)
    chance, kinds, problems = random.Random(seed), Counter[str](), []
    looks = (_balance, _balance, _payment, _payment, _payout, _day)
    while sum(kinds.values()) < figures and len(problems) < 20:
        look = chance.choice(looks)
        found = list(look(account, chance))
        kinds[look.__name__.strip("_")] += 1
        problems += found
    return {"figures": sum(kinds.values()), "kinds": dict(kinds), "problems": problems}


def _balance(account: Any, chance: random.Random) -> Iterator[str]:
    """The change of an account in a period, as its page explains it; one of its parts; and one entry of that."""
    page = _explained(account, _asked(account, chance))
    while page.is_valid and page.adds_up and not page.parts:
        # Nothing moved, and it says so. That is no figure yet.
        page = _explained(account, _asked(account, chance))
    if page.is_too_much or not page.is_valid:
        yield f"{page.url} is not explained"
        return
    if not page.adds_up:
        yield f"{page.url}: the parts come to {page.total}, the account changed by {page.change}"
        return
    link = chance.choice(page.parts)
    narrowed = _explained(account, QueryDict(urlsplit(link.url).query))
    part = narrowed.of
    if part is None or (narrowed.part_amount, part.count) != (link.amount, link.count):
        yield f"{link.url} does not lead to the part"
        return
    shares = shares_of(narrowed.figure, part.code, limit=part.count + 1)
    if (sum(share.amount for share in shares), len(shares)) != (part.amount, part.count):
        yield f"{link.url}: the entries are not what the part is called"
    share = chance.choice(shares)
    for entry in entries_of(account.pk, [share.source]):
        if sum(line.amount for line in entry.lines):
            yield f"{share.source}: an entry does not sum to 0"
    yield from _movement(account, share.source)


def _asked(account: Any, chance: random.Random) -> QueryDict:
    """For an account that was opened, in any period."""
    place = chance.choice(list(LedgerAccount.objects.filter(account=account).order_by("pk")))
    since, until = sorted(chance.choices(_days(account), k=2))
    asked = QueryDict(mutable=True)
    asked["account"] = chance.choice([name for name, codes in ACCOUNTS.items() if place.code in codes])
    asked["currency"] = place.currency
    if chance.random() < 0.8:
        asked.update({"date": "custom", "since": since.isoformat(), "until": until.isoformat()})
    return asked


def _explained(account: Any, asked: QueryDict) -> Explanation:
    return load_explanation(account.merchant, account.livemode, asked, by_person=True)


def _movement(account: Any, source: str) -> Iterator[str]:
    """What was posted of a movement is its net, its fee and its amount."""
    movement = BalanceTransaction.objects.get(account=account, external_id=source)
    sums: Counter[str] = Counter()
    for entry in entries_of(account.pk, [source]):
        if entry.kind == EntryKind.BOOKED:
            for line in entry.lines:
                sums["place" if line.code.value in PLACES_AT_PROCESSOR else "other"] += line.amount
    if (sums["place"], sums["other"]) != (movement.net, -movement.net):
        yield f"{source}: {dict(sums)} was posted of a net of {movement.net}"
    if any(line.code == Code.SUSPENSE for entry in entries_of(account.pk, [source]) for line in entry.lines):
        yield f"{source} stands in suspense"


def _payment(account: Any, chance: random.Random) -> Iterator[str]:
    """The net of a payment, as its page shows it and as it is explained."""
    brought = Payment.objects.filter(account=account, amount_captured__gt=0).order_by("pk")
    page = load_payment(account.merchant, account.livemode, chance.choice(brought.values_list("public_id", flat=True)))
    for net in page.nets:
        if not net.adds_up:
            yield f"{page.payment.public_id}: {net}"
    if not page.nets:
        yield f"{page.payment.public_id} was captured and brought nothing"
    by_currency: Counter[str] = Counter()
    for movement in page.movements:
        by_currency[movement.currency] += movement.net
    if dict(by_currency) != dict(page.breakdown.nets):
        yield f"{page.payment.public_id}: movements come to {dict(by_currency)}"
    if page.movements:
        yield from _movement(account, chance.choice(page.movements).external_id)


def _payout(account: Any, chance: random.Random) -> Iterator[str]:
    """What is in transit, at the bank or back is the payout's amount."""
    payouts = list(Payout.objects.filter(account=account).exclude(balance_transaction_id="").order_by("pk"))
    payout = chance.choice(payouts)
    ids = [name for name in (payout.balance_transaction_id, payout.failure_balance_transaction_id) if name]
    sums: Counter[Code] = Counter()
    for entry in entries_of(account.pk, ids):
        for line in entry.lines:
            sums[line.code] += line.amount
    arrived = payout.amount if payout.provider_status == "paid" else 0
    back = payout.provider_status in ("failed", "canceled")
    if (sums[Code.BANK], sums[Code.IN_TRANSIT]) != (arrived, 0 if back or arrived else payout.amount):
        yield f"{payout.external_id} ({payout.provider_status}) of {payout.amount}: {dict(sums)}"


def _day(account: Any, chance: random.Random) -> Iterator[str]:
    """A day's net after fees on the first page is what was booked at the processor on it, payouts apart."""
    kept = list(DailyFigures.objects.filter(merchant=account.merchant, livemode=account.livemode).order_by("pk"))
    figures = chance.choice(kept)
    zone = account.merchant.zone
    codes = PLACES_AT_PROCESSOR
    places = LedgerAccount.objects.filter(account=account, currency=figures.currency, code__in=codes)
    period = {"since": day_start(figures.day, zone), "until": day_start(figures.day + timedelta(days=1), zone)}
    parts = parts_of(Figure(list(places.values_list("pk", flat=True)), figures.currency, **period))
    # What is held back for a payout is given back with the next movement, and is no income either.
    booked = sum(part.amount for part in parts if part.code not in (Code.IN_TRANSIT, Code.HELD))
    if booked != figures.net:
        yield f"{figures.day} in {figures.currency}: {figures.net} on the first page, {booked} in the books"


def _days(account: Any) -> list[date]:
    moments = BalanceTransaction.objects.filter(account=account).order_by("pk").values_list("created_at", flat=True)
    return sorted({moment.date() for moment in moments})
