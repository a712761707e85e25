"""Parts of the launcher that a whole start does not show."""

import os
import signal
import subprocess
import sys
import time

import pytest

from portal.embedded.environment import read_values, settle_environment, trim_logs, write_values
from portal.embedded.orphans import MARK, end_orphans
from portal.embedded.ports import HIGHEST, LOWEST, is_free, pick_port
from portal.embedded.prepare import fingerprint
from portal.embedded.reach import SYSTEM_HOME, enterable, place_for
from portal.embedded.spawn import Program, end, spawn
from portal.embedded.supervise import Supervisor, cause
from tests.embedded.launcher import alive, wait_for

SLEEP = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)


@pytest.fixture
def program(tmp_path):
    def make(code: str, name: str = "sleeper") -> Program:
        log = tmp_path / f"{name}.log"
        return Program(name, [sys.executable, "-c", code], dict(os.environ), log=log, cwd=tmp_path)

    return make


def test_ports_lie_below_those_that_the_kernel_lends_out():
    assert LOWEST <= pick_port() < HIGHEST < 32_768
    assert is_free(port := pick_port())
    assert pick_port(port) == port


def test_ports_that_nobody_listens_on_yet_are_picked_once(monkeypatch):
    ours = {pick_port() for _ in range(20)}
    another = os.getpid() + 1
    monkeypatch.setattr(os, "getpid", lambda: another)
    assert len(ours) == 20
    assert not ours & {pick_port() for _ in range(20)}


def test_keys_and_lines_of_ones_own_survive_a_start_and_real_variables_win(tmp_path):
    first = settle_environment(tmp_path, found={}, given={"PORT": "1"})
    write_values(tmp_path / "environment", {**first, "COUNTERFOIL_SIGNUP": "open"})
    second = settle_environment(tmp_path, found={"COUNTERFOIL_SIGNUP": "closed"}, given={"PORT": "2"})
    assert second["SECRET_KEY"] == first["SECRET_KEY"]
    assert second["COUNTERFOIL_FIELD_KEYS"] == first["COUNTERFOIL_FIELD_KEYS"]
    assert (second["PORT"], second["COUNTERFOIL_SIGNUP"]) == ("2", "closed")
    assert read_values(tmp_path / "environment") == second


def test_django_reads_the_file_as_it_was_meant(tmp_path):
    import environ

    written = settle_environment(tmp_path, found={}, given={"DATABASE_URL": "postgres://a:b_-9@127.0.0.1:5/c"})
    read: dict[str, str] = {}
    environ.Env.ENVIRON, before = read, environ.Env.ENVIRON
    try:
        environ.Env.read_env(tmp_path / "environment")
    finally:
        environ.Env.ENVIRON = before
    assert read == written


def test_a_directory_that_others_cannot_enter_gets_its_database_elsewhere(tmp_path):
    tmp_path.chmod(0o700)
    assert not enterable(tmp_path)
    place = place_for(tmp_path, "postgres")
    if os.geteuid() == 0:
        assert place.is_relative_to(SYSTEM_HOME)
        assert place_for(tmp_path / "other", "postgres") != place
    else:
        assert place == tmp_path / "postgres"


def test_long_logs_are_put_aside(tmp_path):
    (tmp_path / "web.log").write_text("x" * 100)
    trim_logs(tmp_path, above=200)
    assert (tmp_path / "web.log").exists()
    trim_logs(tmp_path, above=50)
    assert [file.name for file in tmp_path.iterdir()] == ["web.log.1"]


def test_preparing_is_skipped_only_for_the_same_installation():
    assert fingerprint("a", "True") == fingerprint("a", "True")
    assert fingerprint("a", "True") != fingerprint("a", "False")


def test_what_an_earlier_launcher_left_is_ended_and_nothing_else(tmp_path):
    ours = subprocess.Popen([sys.executable, "-c", SLEEP], env={**os.environ, MARK: str(tmp_path)})
    other = subprocess.Popen([sys.executable, "-c", SLEEP], env={**os.environ, MARK: str(tmp_path / "other")})
    try:
        # The mark is there once the new process has replaced its copy of this one.
        wait_for(lambda: end_orphans(tmp_path) == 1, 5)
        assert ours.wait(5) == -signal.SIGKILL
        assert other.poll() is None
    finally:
        for process in (ours, other):
            process.kill()
            process.wait()


def test_a_child_dies_with_its_parent(tmp_path):
    code = (
        "import os, sys, time; from pathlib import Path; from portal.embedded.spawn import Program, spawn\n"
        f"child = spawn(Program('child', [sys.executable, '-c', {SLEEP!r}], dict(os.environ),"
        f" log=Path({str(tmp_path / 'log')!r}), cwd=Path('/')))\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with parent:
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
    wait_for(lambda: not alive(child), 5)


def test_a_child_that_does_not_listen_is_killed(program):
    process = spawn(program(STUBBORN))
    wait_for(lambda: program(STUBBORN).log.read_text() == "deaf\n", 5)
    started = time.monotonic()
    end(process, asking_with=signal.SIGTERM, within=0.3)
    assert process.returncode == -signal.SIGKILL
    assert time.monotonic() - started < 3


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(program, capsys):
    supervisor = Supervisor()
    supervisor.start(program("raise SystemExit(3)"))
    delays = []
    deadline = time.monotonic() + 10
    while len(delays) < 3 and time.monotonic() < deadline:
        supervisor.look()
        child = supervisor.children[0]
        if child.due is not None and (not delays or child.delay != delays[-1]):
            delays.append(child.delay)
    assert delays == [0.2, 0.4, 0.8]
    assert "ended with code 3; starting it again in 0.2 s" in capsys.readouterr().err


def test_how_a_process_ended_in_words():
    assert cause(-9) == "was ended by SIGKILL"
    assert cause(1) == "ended with code 1"
