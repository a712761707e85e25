"""`python -m tests.mutation [NAME …]`: plants each small mistake in a module that verifies and runs its tests.

Prints one JSON line for each module; ends with 1 when the tests let a mistake pass.
"""

import argparse
import sys

import pytest

from tests.mutation.plant import TARGETS, Planting


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(TARGETS)}; all without one")
    names = parser.parse_args().names or list(TARGETS)
    planting = Planting(names)
    files = sorted({file for name in names for file in TARGETS[name]})
    pytest.main(["-qq", "--no-header", *files], plugins=[planting])
    return int(planting.done != names or planting.bad > 0)


if __name__ == "__main__":
    sys.exit(main())
