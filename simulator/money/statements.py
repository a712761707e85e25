"""Reports of Stripe's own: tables of balance transactions, or of their sums, as CSV in major units."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable

from simulator.money.currencies import major
from simulator.store import Doc

Lines = Iterable[Doc]
SUMMARY = ("reporting_category", "currency", "count", "gross", "fee", "net")
ITEMS = (
    *("balance_transaction_id", "created", "available_on", "currency", "gross", "fee", "net"),
    *("reporting_category", "source_id", "description"),
)
_FROM_ACTIVITY = ("payout", "payout_reversal")


def summary(lines: Lines) -> list[list[str]]:
    """One row for each category and currency."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for line in lines:
        row = sums[line["reporting_category"], line["currency"]]
        for place, value in enumerate((1, line["amount"], line["fee"], line["net"])):
            row[place] += value
    return [
        [category, currency, str(count), *(major(amount, currency) for amount in amounts)]
        for (category, currency), (count, *amounts) in sorted(sums.items())
    ]


def items(lines: Lines) -> list[list[str]]:
    """One row for each transaction, oldest first."""
    return [
        [
            *(line["id"], str(line["created"]), str(line["available_on"]), line["currency"]),
            *(major(line[name], line["currency"]) for name in ("amount", "fee", "net")),
            *(line["reporting_category"], line["source"] or "", line["description"] or ""),
        ]
        for line in lines
    ]


def everything(line: Doc) -> bool:
    return bool(line)


def activity(line: Doc) -> bool:
    return line["reporting_category"] not in _FROM_ACTIVITY


def payouts(line: Doc) -> bool:
    return line["reporting_category"] in _FROM_ACTIVITY


# Name, which transactions, which columns, and how they become rows. Those that name a payout need its parameter.
Report = tuple[str, Callable[[Doc], bool], tuple[str, ...], Callable[[Lines], list[list[str]]]]
REPORTS: dict[str, Report] = {
    "balance.summary.1": ("Balance summary", everything, SUMMARY, summary),
    "balance_change_from_activity.summary.1": ("Balance change from activity summary", activity, SUMMARY, summary),
    "payouts.summary.1": ("Payouts summary", payouts, SUMMARY, summary),
    "payout_reconciliation.by_id.summary.1": ("Payout reconciliation by id summary", activity, SUMMARY, summary),
} | {
    f"{name}.itemized.{version}": (f"Itemized {label}", which, ITEMS, items)
    for name, label, which, versions in (
        ("balance_change_from_activity", "balance change from activity", activity, (1, 2, 3)),
        ("payouts", "payouts", payouts, (1, 2, 3)),
        ("payout_reconciliation.by_id", "payout reconciliation by id", activity, (1, 2, 3, 4)),
    )
    for version in versions
}


def written(type_: str, lines: Lines) -> bytes:
    """The report as a file."""
    _, which, columns, rows = REPORTS[type_]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerows([columns, *rows([line for line in lines if which(line)])])
    return text.getvalue().encode()
