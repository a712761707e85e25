"""A whole Counterfoil that tests may break: every process real, on loopback, killed and started one by one."""

import os
import secrets
import signal
import subprocess
import time
import urllib.error
import urllib.request
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from portal.embedded import postgres, stand_in, valkey
from portal.embedded.ports import pick_port
from portal.embedded.programs import ASKING_WORKER, SWEEP, WEB, WORKER, python
from portal.embedded.spawn import Program, kill_group, spawn
from tests.servers import make_directory, new_cluster
from tests.trust.actor import Actor
from tests.trust.proxy import FaultProxy, Mode

OURS = ("web", "worker", "sweeper")
SERVERS = ("valkey", "postgres")
# Only where a test has a processor: who asks it, and the processor.
ASKING = ("asker", "simulator")


@dataclass(frozen=True)
class Timing:
    """Seconds of a lease, of a task's limit and between sweeps, and how many calls a second a processor gets."""

    lease: int
    task: int
    sweep: float
    calls: int


# As the database is before anybody uses it.
EMPTY = "empty"
# Where events of the outbox are counted.
OUTBOX_PROBE = f"""
CREATE TABLE trust_seen (id bigint GENERATED ALWAYS AS IDENTITY, object_id text NOT NULL);
GRANT SELECT, INSERT, DELETE ON trust_seen TO {postgres.APPLICATION};
"""
# Of calls, accounts in test mode get a quarter.
SPECIFIED = Timing(lease=10, task=4, sweep=1, calls=320)
SMOKE = Timing(lease=3, task=2, sweep=0.3, calls=1000)


class Installation:
    """Use as a context manager. Start processes in the thread that lives as long as they should."""

    def __init__(self, timing: Timing) -> None:
        self.data = make_directory()
        self.timing = timing
        self.port = pick_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.cluster = new_cluster(self.data)
        self.valkey = valkey.Instance(port=pick_port(), password=secrets.token_urlsafe(16))
        self.redis = FaultProxy(pick_port(), self.valkey.port)
        self.stand_in = stand_in.StandIn(pick_port(), pick_port())
        self.processor = FaultProxy(pick_port(), self.stand_in.port)
        # Where the books of the present processor are kept.
        self.books = self.data / "books"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.paused: set[str] = set()
        self._endings: list[Callable[[], object]] = []
        self.environment = self._environment()

    def _environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}
        return {
            **inherited,
            "DJANGO_SETTINGS_MODULE": "tests.trust.settings",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "COUNTERFOIL_FIELD_KEYS": urlsafe_b64encode(os.urandom(32)).decode(),
            "COUNTERFOIL_DATA": str(self.data),
            "COUNTERFOIL_PUBLIC_URL": self.url,
            "COUNTERFOIL_DEMO": "1",
            "COUNTERFOIL_PROCESSOR_BASES": f"http://127.0.0.1:{self.processor.port}",
            "DATABASE_URL": self.cluster.url,
            "REDIS_URL": f"redis://:{self.valkey.password}@127.0.0.1:{self.redis.port}/0",
            "COUNTERFOIL_LEASE_SECONDS": str(self.timing.lease),
            "COUNTERFOIL_TASK_SECONDS": str(self.timing.task),
            "COUNTERFOIL_SWEEP_SECONDS": str(self.timing.sweep),
            "COUNTERFOIL_ASK_SECONDS": str(self.timing.sweep / 3),
            "COUNTERFOIL_CALLS_PER_SECOND": str(self.timing.calls),
            "PYTHONFAULTHANDLER": "1",
            "TRUST_CURED": str(self.data / "cured"),
        }

    def __enter__(self) -> "Installation":
        self.start(*SERVERS)
        self.wait_for_postgres()
        postgres.ensure_database(self.cluster)
        self.actor = self.new_actor()
        self.actor.ask("prepare")
        self._copy(postgres.DATABASE, EMPTY)
        with self.database(owner=True) as cursor:
            cursor.execute(OUTBOX_PROBE)
        self.start(*OURS)
        self.wait_for_web()
        self.wait_for_handlers("worker", "sweeper")
        return self

    def __exit__(self, *failure: object) -> None:
        self.actor.close()
        for name in [*OURS, *ASKING, "deputy", *SERVERS]:
            self.kill(name)
        self.redis.close()
        self.processor.close()

    def make_database(self, name: str) -> None:
        """A migrated one with nothing in it, in place of one of that name."""
        self._copy(EMPTY, name)

    def _copy(self, source: str, name: str) -> None:
        connection = psycopg2.connect(self.cluster.url_of("postgres", "postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {source} OWNER {postgres.OWNER} STRATEGY wal_log")
            # Rights on the database itself are not copied with it.
            cursor.execute(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")
        connection.close()

    def new_actor(self) -> Actor:
        """One more, for what goes on beside the rest. To be closed."""
        own = {
            "COUNTERFOIL_CLOCK_OFFSET_FILE": str(self.clock_of("actor")),
            # It migrates, as no process of an installation does.
            "DATABASE_OWNER_URL": self.cluster.owner_url,
        }
        return Actor({**self.environment, **own}, self.data / "actor.log")

    @contextmanager
    def two_actors(self) -> Iterator[tuple[Actor, Actor]]:
        """For what one alone would take too long with."""
        second = self.new_actor()
        try:
            yield self.actor, second
        finally:
            second.close()

    def program(self, name: str) -> Program:
        """How that process is started; each may read a clock of its own (`set_clock`)."""
        log = self.data / f"{name}.log"
        if name == "postgres":
            return postgres.server(self.cluster, log=log)
        if name == "valkey":
            return valkey.server(self.valkey, place=self.data / "valkey", log=log)
        if name == "simulator":
            return stand_in.program(self.stand_in, data=self.books, environment=self.environment, log=log)
        arguments = {
            "web": (*WEB, "--host", "127.0.0.1", "--port", str(self.port)),
            "worker": (*WORKER, "--concurrency", "2"),
            "asker": ASKING_WORKER,
            "sweeper": SWEEP,
            # A second sweeper, on another machine as it were.
            "deputy": SWEEP,
        }[name]
        environment = {**self.environment, "COUNTERFOIL_CLOCK_OFFSET_FILE": str(self.clock_of(name))}
        return python(name, arguments, environment=environment, log=log)

    def clock_of(self, name: str) -> Path:
        return self.data / f"clock-{name}"

    def set_clock(self, seconds: float, *names: str) -> None:
        """Puts the business clocks of these processes (all of ours without a name) ahead by so much."""
        for name in names or (*OURS, "asker", "deputy", "actor"):
            draft = self.data / f"clock-{name}.new"
            draft.write_text(str(seconds))
            draft.replace(self.clock_of(name))

    def start(self, *names: str) -> None:
        """Starts processes that do not run. A server that died uncleanly is waited for first."""
        for name in names:
            if name in self.processes:
                continue
            if name == "postgres":
                postgres.clear_remains(self.cluster)
            self.processes[name] = spawn(self.program(name))

    def at_the_end(self, ending: Callable[[], object]) -> None:
        """Something to end with the test that began it, however that ends."""
        self._endings.append(ending)

    def restore(self) -> None:
        """Everything up, reachable, on time and with its bugs again, whatever happened."""
        while self._endings:
            self._endings.pop()()
        for name in ("deputy", *ASKING):
            self.kill(name)
        for name in list(self.paused):
            self.resume(name)
        self.set_clock(0)
        self.redis.set(Mode.PASS)
        self.processor.set(Mode.PASS)
        Path(self.environment["TRUST_CURED"]).unlink(missing_ok=True)
        self.revive()
        self.start(*SERVERS)
        self.wait_for_postgres()
        self.start(*OURS)
        self.wait_for_web()
        self.wait_for_handlers("worker", "sweeper")
        self.give_up_what_waits()

    def give_up_what_waits(self) -> None:
        """Events that a test left parked wait by its clock, which may have been weeks ahead: nobody else should. Nor is
        anything of its accounts read or searched any more."""
        with self.database() as cursor:
            cursor.execute(
                """UPDATE webhook_event SET state = 'dead', next_attempt_at = NULL WHERE state = 'parked'
                      OR (state = 'pending' AND next_attempt_at > now() + interval '1 hour')"""
            )
            cursor.execute("DELETE FROM sync_cursor")
            cursor.execute("UPDATE sync_run SET state = 'done' WHERE state <> 'done'")

    def revive(self) -> list[str]:
        """Starts again what has died by itself; returns the names."""
        dead = [name for name, process in self.processes.items() if process.poll() is not None]
        for name in dead:
            kill_group(self.processes.pop(name))
        self.start(*dead)
        return dead

    def kill(self, name: str) -> None:
        """SIGKILL to a process and to all that it started."""
        process = self.processes.pop(name, None)
        if process is None:
            return
        self.paused.discard(name)
        # PostgreSQL's sessions leave the group, and would end by themselves only when they next look for their parent.
        offspring = children_of(process.pid) if name == "postgres" else []
        kill_group(process)
        for pid in offspring:
            _signal(pid, signal.SIGKILL)
        process.wait()

    def stop(self, *names: str, asking: int, within: float) -> dict[str, int | None]:
        """Asks processes to end; their exit codes, None for one that had to be killed after `within` seconds."""
        deadline = time.monotonic() + within
        for name in names:
            self.processes[name].send_signal(asking)
        codes: dict[str, int | None] = {}
        for name in names:
            try:
                codes[name] = self.processes[name].wait(max(deadline - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                codes[name] = None
                self._say_where(name)
            self.kill(name)
        return codes

    def _say_where(self, name: str) -> None:
        """Makes a process that does not end write to its log where each of its threads is."""
        head = self.processes[name].pid
        for pid in [*children_of(head), head]:
            _signal(pid, signal.SIGABRT)
            time.sleep(0.3)

    def pause(self, name: str) -> None:
        """SIGSTOP to a process and its children: as slow as a process can get without being dead."""
        self.paused.add(name)
        os.killpg(self.processes[name].pid, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        if name in self.paused:
            self.paused.discard(name)
            os.killpg(self.processes[name].pid, signal.SIGCONT)

    def restart_postgres_at_once(self) -> None:
        """What `pg_ctl restart -m immediate` does: no goodbye, then recovery from the write-ahead log."""
        self.stop("postgres", asking=signal.SIGQUIT, within=20)
        self.start("postgres")
        self.wait_for_postgres()

    def wait_for_postgres(self) -> None:
        postgres.wait_until_open(self.cluster, self.processes["postgres"], log=self.data / "postgres.log")

    def wait_for_web(self, within: float = 60) -> None:
        deadline = time.monotonic() + within
        while not self.answers("/healthz"):
            if self.processes["web"].poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the site does not answer:\n{self.log('web')[-4000:]}")
            time.sleep(0.03)

    def wait_for_handlers(self, *names: str, within: float = 30) -> None:
        """Until these processes have got as far as to handle SIGTERM themselves."""
        deadline = time.monotonic() + within
        for name in names:
            while not _handles(self.processes[name].pid, signal.SIGTERM):
                if self.processes[name].poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{name} does not come up:\n{self.log(name)[-4000:]}")
                time.sleep(0.02)

    def answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def log(self, name: str) -> str:
        return (self.data / f"{name}.log").read_text(errors="replace")

    def resident(self, name: str) -> float:
        """The memory of a process and its children, in MiB."""
        head = self.processes[name].pid
        return sum(_resident(pid) for pid in [head, *children_of(head)])

    @contextmanager
    def database(self, *, owner: bool = False) -> Iterator["psycopg2.extensions.cursor"]:
        """A cursor of the application's role or of the tables' owner, each statement in a transaction of its own."""
        connection = psycopg2.connect(self.cluster.owner_url if owner else self.cluster.url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()


def children_of(parent: int) -> list[int]:
    """The processes that this one started and that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in brackets may hold spaces.
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _handles(pid: int, number: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> (number - 1) & 1)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
