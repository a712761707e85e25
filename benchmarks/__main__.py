"""``python -m benchmarks NAME [--rows N]``: measures one thing beside its baseline and prints one line of JSON."""

import argparse
import sys
from importlib import import_module

NAMES = {
    "ingest": "webhook deliveries a second, beside pgbench and dj-stripe",
    "process": "events into state by one worker, beside one by one through the ORM",
    "ledger_post": "entries into the books, one by one and in batches, beside pgbench and posting by single statements",
    "backfill": "a whole account read from the processor, beside bare listing by Stripe's package",
    "refund_commands": "refunds from request to known end by two workers, beside bare calls of Stripe's package",
    "payments_list": "the transactions list at 10,000 and 1,000,000 rows, beside a stock table and a bare page",
    "search": "searches of every kind among 1,000,000 payments, beside Django's icontains",
    "home": "the SQL of a home page at 1,000,000 payments, beside adding them up, and what its figures cost",
    "mixed": "100 people at work among 1,000,000 payments, beside a bare signed-in page",
    "live": "from an event that was stored to the browsers of 200 people, beside the bare way of a signal",
    "simulator": "a quarter of a merchant's history, and payments over HTTP with their events",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", choices=NAMES, metavar="NAME")
    parser.add_argument("--rows", type=int, metavar="N", help="another size than the usual one")
    parser.add_argument("--list", action="store_true", help="name all benchmarks")
    typed = parser.parse_args()
    if typed.list or not typed.name:
        for name, about in NAMES.items():
            print(f"{name:15} {about}")
        return 0
    report = import_module(f"benchmarks.{typed.name}").measure(typed.rows)
    print(report.line())
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
