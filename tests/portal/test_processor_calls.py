"""How often a processor is asked follows the settings."""

import os
import subprocess
import sys

import pytest

from tests.architecture.source import ROOT

SECOND_WAIT = """
import django
django.setup()
from billing.providers import limiter
for livemode in (True, False):
    bucket = limiter.bucket("acct_1", livemode=livemode)
    bucket.reserve()
    print(bucket.reserve()[1])
"""


def start(calls: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COUNTERFOIL_CALLS_PER_SECOND": calls}
    return subprocess.run(
        [sys.executable, "-c", SECOND_WAIT], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("calls", "waits"), [("8", [0.125, 0.5]), ("", [0, 0])])
def test_the_setting_decides_how_often_an_account_is_asked(calls: str, waits: list[float]) -> None:
    assert [float(line) for line in start(calls).stdout.split()] == pytest.approx(waits, abs=0.03)


def test_less_than_one_call_a_second_stops_the_start() -> None:
    assert "fewer than one call a second" in start("0").stderr
