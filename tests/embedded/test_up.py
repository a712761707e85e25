"""`manage.py up` for real: what it promises about starting, dying and stopping."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from portal.embedded import postgres
from portal.embedded.environment import read_values, write_values
from portal.embedded.spawn import end, spawn
from tests import databases
from tests.embedded.launcher import ROOT, Launcher, alive, clean_environment, stretched, wait_for

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
# Whatever the role of the connection owns, in any catalog of this database.
OWNED = """
SELECT classid::regclass || ' ' || objid FROM pg_shdepend
 WHERE deptype = 'o' AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = current_user)
"""


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


def ask(url: str, *statements: str) -> list[Any]:
    """The first column of what the last of these statements answers."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return [row[0] for row in cursor.fetchall()] if cursor.description else []
    finally:
        connection.close()


def url_of(launcher: Launcher) -> str:
    """The DATABASE_URL of what it runs."""
    return read_values(launcher.data / "environment")["DATABASE_URL"]


def merchants(launcher: Launcher) -> list[str]:
    return ask(url_of(launcher), "SELECT slug FROM merchant")


def test_it_says_one_line_and_answers(running):
    assert running.said() == f"ready {running.url}\n"
    assert running.unready() == ""
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


def test_its_processes_know_a_role_that_owns_nothing(running):
    assert ask(url_of(running), "SELECT current_user") == ["cf_app"]
    assert ask(url_of(running), OWNED) == []
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(url_of(running), "ALTER TABLE audit_event DISABLE TRIGGER ALL")
    secret = read_values(running.data / "servers")["POSTGRES_PASSWORD"]
    assert secret not in (running.data / "environment").read_text()
    for name in ("web", "web-2", "worker", "asking", "sweep"):
        assert secret not in Path(f"/proc/{running.children()[name]}/environ").read_text()


@pytest.mark.parametrize("name", ["web", "web-2", "worker", "asking", "sweep", "valkey", "postgres"])
def test_a_child_that_is_killed_comes_back(running, name):
    before = running.children()
    os.kill(before[name], signal.SIGKILL)
    wait_for(lambda: running.children().get(name, before[name]) != before[name] and running.unready() == "", 20)
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


def test_the_one_role_of_an_earlier_version_becomes_the_owner(running):
    tables = ask(url_of(running), TABLES)
    running.end()
    make_as_before(running.data)
    running.start()
    assert running.unready() == ""
    assert merchants(running) == ["kept"]
    assert ask(url_of(running), "SELECT current_user") == ["cf_app"]
    assert ask(url_of(running), OWNED) == []
    assert ask(url_of(running), TABLES) == tables
    assert ask(url_of(running), "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'") == ["cf_owner"]
    assert ask(url_of(running), "SELECT rolname FROM pg_roles WHERE rolname = 'counterfoil'") == []
    assert running.end() < 10
    running.start()
    assert merchants(running) == ["kept"]


def make_as_before(data: Path) -> None:
    """Makes of a stopped installation what it was while one role, `counterfoil`, owned all and was the application."""
    kept = read_values(data / "servers")
    password = kept["POSTGRES_PASSWORD"]
    cluster = postgres.open_cluster(data, password=password, application_password=kept.pop("APPLICATION_PASSWORD"))
    log = data / "logs/postgres.log"
    process = spawn(postgres.server(cluster, log=log))
    try:
        postgres.wait_until_open(cluster, process, log=log)
        ask(cluster.url_of("postgres", postgres.DATABASE), "DROP OWNED BY cf_app", "DROP ROLE cf_app")
        ask(cluster.url_of("postgres", "postgres"), "ALTER ROLE cf_owner RENAME TO counterfoil")
    finally:
        end(process, asking_with=signal.SIGINT, within=10)
    write_values(data / "servers", kept)
    before = f"postgres://counterfoil:{password}@127.0.0.1:{cluster.port}/counterfoil"
    write_values(data / "environment", {**read_values(data / "environment"), "DATABASE_URL": before})


def test_a_database_of_ones_own_is_used_by_two_roles(committed_db):
    """The owner's address is told to nobody but who migrates."""
    urls = {"DATABASE_URL": databases.url_of(committed_db)}
    owner = {"DATABASE_OWNER_URL": databases.url_of(committed_db, owner=True)}
    launcher = Launcher(Path(os.environ["COUNTERFOIL_TESTS"]) / "own-database", settings={**urls, **owner})
    try:
        launcher.start()
        assert launcher.unready() == ""
        assert "postgres" not in launcher.children()
        for pid in launcher.children().values():
            assert owner["DATABASE_OWNER_URL"] not in Path(f"/proc/{pid}/environ").read_text()
    finally:
        launcher.clear_away()


def test_two_run_side_by_side(running):
    other = Launcher(running.data.with_name("beside"))
    try:
        other.start()
        assert other.unready() == ""
        assert running.unready() == ""
        assert merchants(other) == []
        assert merchants(running) == ["kept"]
    finally:
        other.clear_away()
