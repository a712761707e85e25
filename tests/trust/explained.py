"""E1: every figure leads to what it is made of, down to single movements, and the sums on the way are its own."""

from tests.trust.installation import Installation
from tests.trust.processor import DAY, open_processor
from tests.trust.result import Result

PATIENCE = 240


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """With --full 1,000 figures drawn from a quarter of 2,000 payments, as the demo's merchants live it."""
    result = Result("E1", seed, full)
    figures, days, payments = (1_000, 90, 2_000) if full else (40, 20, 60)
    processor = open_processor(site, seed=seed)
    processor.write_history(days=days, payments=payments)
    processor.act("/payouts/fail", after_paid=True)
    processor.door.clock(advance=6 * DAY)
    processor.follow()
    read = processor.read("backfill", within=PATIENCE)
    if read["end"] != "complete":
        result.problems.append(f"the account was not read: {read}")
    told = site.actor.ask(
        "stage", play="explain_figures", connection=processor.shop.public_id, figures=figures, seed=seed
    )
    result.n, result.problems = told["figures"], [*result.problems, *told["problems"]]
    result.facts |= told["kinds"]
    return result
