"""S10: what was written to the audit trail and to the books stays, or its change is found."""

from tests.trust.installation import Installation
from tests.trust.result import Result

DATABASE = "tampered"


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """As the application and as the owner of the tables, in a database of its own whose heads were exported before."""
    result = Result("S10", seed, full)
    heads = site.data / f"heads-{seed}.jsonl"
    site.make_database(DATABASE)
    told = site.actor.ask(
        "stage", play="tamper_with_all", database=DATABASE, heads=str(heads), seed=seed, tries=1_000 if full else 0
    )
    result.n = sum(count["tries"] for count in told.values())
    result.problems += [problem for count in told.values() for problem in count.pop("problems")]
    result.facts = told
    return result
