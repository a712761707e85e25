"""`python -m tests.trust NAME [--full] [--seed N]`, or `--list`."""

import argparse
import secrets
import sys

from tests.trust.installation import SMOKE, SPECIFIED, Installation
from tests.trust.registry import TESTS, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trust")
    parser.add_argument("name", nargs="?", choices=TESTS, help="which test")
    parser.add_argument("--full", action="store_true", help="the whole size; without it a run of some seconds")
    parser.add_argument("--seed", type=int, help="decides everything that is random; a new one is made without it")
    parser.add_argument("--list", action="store_true", help="name all tests")
    typed = parser.parse_args()
    if typed.list or typed.name is None:
        for name, test in TESTS.items():
            print(f"{name:4} {test.promise}")
        return 0 if typed.list else 2
    seed = secrets.randbelow(2**31) if typed.seed is None else typed.seed
    with Installation(SPECIFIED if typed.full else SMOKE) as site:
        result = run(typed.name, seed=seed, full=typed.full, site=site)
        result.show()
    return int(result.bad > 0)


if __name__ == "__main__":
    sys.exit(main())
