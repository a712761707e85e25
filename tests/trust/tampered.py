"""S10: forms leave rows in the audit trail; it and the books stay as they were written, or their change is found."""

from tests.trust.audited import send_forms
from tests.trust.installation import Installation
from tests.trust.result import Result

DATABASE = "tampered"


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """Forms that people send; then tampering as the application and as the tables' owner, in a database of its own, of
    which heads were exported before."""
    result = Result("S10", seed, full)
    send_forms(site, result, most=1_000 if full else 3)
    heads = site.data / f"heads-{seed}.jsonl"
    site.make_database(DATABASE)
    told = site.actor.ask(
        "stage", play="tamper_with_all", database=DATABASE, heads=str(heads), seed=seed, tries=1_000 if full else 0
    )
    result.n += sum(count["tries"] for count in told.values())
    result.problems += [problem for count in told.values() for problem in count.pop("problems")]
    result.facts |= told
    return result
