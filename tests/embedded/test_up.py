"""`manage.py up` for real: what it promises about starting, dying and stopping."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psycopg2
import pytest

from portal.embedded.environment import read_values
from tests.embedded.launcher import ROOT, Launcher, alive, clean_environment, stretched, wait_for


@pytest.fixture(scope="module")
def launcher():
    """One installation for the tests below, each of which leaves it running or startable."""
    data = Path(os.environ["COUNTERFOIL_TESTS"]) / "up"
    launcher = Launcher(data)
    launcher.start()
    run_beside(launcher, "create_merchant", "kept", "--name", "Kept", "--timezone", "Europe/Paris", "--currency", "EUR")
    yield launcher
    launcher.clear_away()


@pytest.fixture
def running(launcher):
    if launcher.process.poll() is not None:
        launcher.start()
    return launcher


def run_beside(launcher: Launcher, *command: str) -> str:
    """A management command typed in another terminal, which knows the data directory only."""
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={**clean_environment(), "COUNTERFOIL_DATA": str(launcher.data)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def merchants(launcher: Launcher) -> list[str]:
    connection = psycopg2.connect(read_values(launcher.data / "environment")["DATABASE_URL"])
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT slug FROM merchant")
            return [row[0] for row in cursor.fetchall()]
    finally:
        connection.close()


def test_it_says_one_line_and_answers(running):
    assert running.said() == f"ready {running.url}\n"
    assert running.ready()
    assert set(running.children()) == {"postgres", "valkey", "web", "web-2", "worker", "asking", "sweep"}


def test_a_command_typed_beside_it_finds_it(running):
    said = run_beside(
        running, "create_merchant", "kept", "--name", "Kept", "--timezone", "Europe/Paris", "--currency", "EUR"
    )
    assert "exists" in said
    assert merchants(running) == ["kept"]


def deliveries(launcher: Launcher) -> int:
    """How many the metrics tell of, whichever web process answers."""
    with urllib.request.urlopen(f"{launcher.url}/metrics") as answer:
        found = re.findall(r"^counterfoil_webhook_deliveries_total\{.*\} (\d+)", answer.read().decode(), re.MULTILINE)
    return sum(map(int, found))


def test_metrics_count_what_all_web_processes_were_asked(running):
    before = deliveries(running)
    for name in ("web", "web-2"):
        # While one rests the other is asked.
        other = running.children()[name]
        os.kill(other, signal.SIGSTOP)
        try:
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(f"{running.url}/webhooks/stripe/nobody/", data=b"{}", timeout=10)
            assert deliveries(running) > before
        finally:
            os.kill(other, signal.SIGCONT)
    assert {deliveries(running) for _ in range(6)} == {before + 2}


def test_its_secrets_are_for_its_user_only(running):
    for name in ("environment", "servers"):
        assert (running.data / name).stat().st_mode & 0o777 == 0o600
    assert (running.data / "postgres").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["web", "web-2", "worker", "asking", "sweep", "valkey", "postgres"])
def test_a_child_that_is_killed_comes_back(running, name):
    before = running.children()
    os.kill(before[name], signal.SIGKILL)
    wait_for(lambda: running.children().get(name, before[name]) != before[name] and running.ready(), 20)
    others = {other: pid for other, pid in running.children().items() if other != name}
    assert others == {other: pid for other, pid in before.items() if other != name}
    assert f"{name} (process {before[name]}) was ended by SIGKILL" in running.said()
    assert merchants(running) == ["kept"]


def test_when_it_is_killed_nothing_stays_behind_and_nothing_is_lost(running):
    children = running.children()
    running.end(signal.SIGKILL)
    wait_for(lambda: not any(alive(pid) for pid in children.values()), 10)
    limit = stretched(10)
    assert running.start() < limit
    assert merchants(running) == ["kept"]


def test_the_next_start_is_quick_and_keeps_keys_and_addresses(running):
    before = read_values(running.data / "environment")
    assert running.end() < 10
    assert running.process.returncode == 0
    limit = stretched(5)
    assert running.start() <= limit
    assert read_values(running.data / "environment") == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly(running, number):
    children = running.children()
    assert running.end(number) < 10
    assert running.process.returncode == 0
    assert not any(alive(pid) for pid in children.values())
    assert not (running.data / "postgres/postmaster.pid").exists()


def test_two_run_side_by_side(running):
    other = Launcher(running.data.with_name("beside"))
    try:
        other.start()
        assert other.ready()
        assert running.ready()
        assert merchants(other) == []
        assert merchants(running) == ["kept"]
    finally:
        other.clear_away()
