"""Starts that cannot succeed: one sentence, code 2, no traceback, nothing left running."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from portal.embedded.environment import open_data, write_values
from portal.embedded.ports import pick_port
from portal.embedded.reach import refuse_full
from portal.embedded.refusal import CannotStart
from tests import databases
from tests.embedded.launcher import run_up

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of other users")


@pytest.fixture
def data(tmp_path_factory):
    """A directory that PostgreSQL's user can enter, as a data directory of root must be."""
    made = Path(os.environ["COUNTERFOIL_TESTS"]) / tmp_path_factory.mktemp("refused").name
    yield made
    shutil.rmtree(made, ignore_errors=True)


def sentence_of(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, done
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("counterfoil: ")
    assert lines[0].endswith(".")
    return lines[0].removeprefix("counterfoil: ")


def test_a_busy_port(data):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port := pick_port()))
        taken.listen()
        said = sentence_of(run_up("--data", data, "--port", port))
    assert said == f"Port {port} is taken: choose another one with --port or PORT."


def test_a_port_that_is_none(data):
    assert "between 1 and 65535" in sentence_of(run_up("--data", data, PORT="eighty"))
    assert "between 1 and 65535" in sentence_of(run_up("--data", data, "--port", 70_000))


@pytest.mark.parametrize("number", ["0", "many", "-1", "65"])
def test_a_number_of_web_processes_that_is_none(data, number):
    said = sentence_of(run_up("--data", data, "--port", pick_port(), WEB_CONCURRENCY=number))
    assert "correct WEB_CONCURRENCY" in said


def test_a_directory_in_use(data):
    with open_data(data):
        said = sentence_of(run_up("--data", data, "--port", pick_port()))
    assert said.startswith(f"Counterfoil already runs from {data} (process {os.getpid()})")


def test_a_database_of_another_version(data):
    (data / "postgres").mkdir(parents=True)
    (data / "postgres/PG_VERSION").write_text("17\n")
    write_values(data / "servers", {"POSTGRES_PASSWORD": "kept"})
    data.chmod(0o711)
    if os.geteuid() == 0:
        os.chown(data / "postgres", 65534, 65534)
    said = sentence_of(run_up("--data", data, "--port", pick_port()))
    assert "was made by PostgreSQL 17, and this Counterfoil brings PostgreSQL 18" in said


def test_a_database_of_ones_own_with_one_role_for_all(data, committed_db):
    owner = databases.url_of(committed_db, owner=True)
    said = sentence_of(run_up("--data", data, "--port", pick_port(), DATABASE_URL=owner))
    assert said.startswith("The database could not be prepared: the database role ")
    assert "owns the tables: name its owner in DATABASE_OWNER_URL and a role that owns nothing in DATABASE_URL" in said


def test_a_database_whose_password_is_lost(data):
    (data / "postgres").mkdir(parents=True)
    (data / "postgres/PG_VERSION").write_text("18\n")
    data.chmod(0o711)
    assert "password" in sentence_of(run_up("--data", data, "--port", pick_port()))


@needs_root
def test_a_directory_of_somebody_else(data):
    data.mkdir()
    os.chown(data, 54321, 54321)
    said = sentence_of(run_up("--data", data, "--port", pick_port()))
    assert said.startswith(f"{data} belongs to user 54321, not to root")


@needs_root
def test_a_database_of_somebody_else(data):
    (data / "postgres").mkdir(parents=True)
    (data / "postgres/PG_VERSION").write_text("18\n")
    write_values(data / "servers", {"POSTGRES_PASSWORD": "kept"})
    data.chmod(0o711)
    os.chown(data / "postgres", 54321, 54321)
    assert "belongs to user 54321, not to" in sentence_of(run_up("--data", data, "--port", pick_port()))


def test_a_file_in_place_of_the_directory(data):
    data.write_text("not a directory")
    assert sentence_of(run_up("--data", data, "--port", pick_port())) == (
        f"{data} is no directory: name another one with --data."
    )
    data.unlink()


def test_a_directory_that_cannot_be_made(data):
    assert "cannot be used" in sentence_of(run_up("--data", "/proc/counterfoil", "--port", pick_port()))


@needs_root
def test_a_full_disk(data):
    data.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", data], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        said = sentence_of(run_up("--data", data, "--port", pick_port()))
    finally:
        subprocess.run(["umount", data], check=True)
    assert said.startswith(f"The disk of {data} is full: ")


def test_the_room_that_a_start_needs(tmp_path):
    refuse_full(tmp_path, minimum=1)
    with pytest.raises(CannotStart, match="is full"):
        refuse_full(tmp_path, minimum=2**60)
