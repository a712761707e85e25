"""PostgreSQL and Valkey for a test run, started by the process that runs pytest and inherited by its xdist workers.

DATABASE_URL and REDIS_URL, where set, are used instead. DATABASE_URL is then the application's role beside the owner of
DATABASE_OWNER_URL, or alone a role that may make databases and roles.
"""

import atexit
import os
import secrets
import shutil
import subprocess
import tempfile
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from portal.embedded import postgres, valkey
from portal.embedded.ports import pick_port
from portal.embedded.spawn import Program, end, spawn

PREFIX = "counterfoil-tests-"
# Enough for the database of a run; a container's /dev/shm is often too small.
ROOM = 2 * 2**30


def provide() -> None:
    """Sets what portal.settings reads. Must run before Django's settings are imported."""
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(48))
    os.environ.setdefault("COUNTERFOIL_FIELD_KEYS", urlsafe_b64encode(os.urandom(32)).decode())
    if "COUNTERFOIL_TESTS" in os.environ:
        # A worker of xdist: the controller's servers, keys and directory come with the environment.
        return
    data = make_directory()
    os.environ["COUNTERFOIL_TESTS"] = os.environ["COUNTERFOIL_DATA"] = str(data)
    # Nothing is collected for tests: pages take static files from where they are written.
    static = data / "staticfiles"
    static.mkdir()
    os.environ["COUNTERFOIL_STATIC_ROOT"] = str(static)
    if "DATABASE_URL" not in os.environ:
        cluster = start_postgres(data)
        os.environ["DATABASE_URL"], os.environ["DATABASE_OWNER_URL"] = cluster.url, cluster.owner_url
    elif "DATABASE_OWNER_URL" not in os.environ:
        owner = os.environ["DATABASE_URL"]
        os.environ["DATABASE_URL"], os.environ["DATABASE_OWNER_URL"] = make_application(owner), owner
    if "REDIS_URL" not in os.environ:
        os.environ["REDIS_URL"] = start_valkey(data)


def make_directory() -> Path:
    """A throw-away directory that PostgreSQL's user can enter, in memory where there is room."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= ROOM
    base = memory if roomy else Path(tempfile.gettempdir())
    remove_abandoned(base)
    data = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=base))
    data.chmod(0o711)
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    return data


def remove_abandoned(base: Path) -> None:
    """Removes what runs that were killed left behind; their servers died with them."""
    for left in base.glob(f"{PREFIX}*"):
        pid = left.name.removeprefix(PREFIX).split("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)


def start_postgres(data: Path) -> postgres.Cluster:
    """Starts a server where the owner of the tables may create databases."""
    cluster = new_cluster(data)
    log = data / "postgres.log"
    process = start(postgres.server(cluster, log=log))
    postgres.wait_until_open(cluster, process, log=log)
    postgres.ensure_database(cluster, owner_may="CREATEDB")
    return cluster


def new_cluster(data: Path) -> postgres.Cluster:
    """An empty one with passwords that nobody knows."""
    owner, application = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    return postgres.open_cluster(data, password=owner, application_password=application)


def make_application(owner: str) -> str:
    """Makes a role that owns nothing on the server of that URL, the same in every run; returns its DATABASE_URL."""
    name, password = "counterfoil_tests_app", sha256(owner.encode()).hexdigest()
    connection = psycopg2.connect(owner)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
            verb = "ALTER" if cursor.fetchone() else "CREATE"
            cursor.execute(f"{verb} ROLE {name} LOGIN PASSWORD %s", [password])
    except psycopg2.errors.InsufficientPrivilege:
        raise SystemExit(
            "Name the owner of test databases in DATABASE_OWNER_URL: this one may not make roles."
        ) from None
    finally:
        connection.close()
    place = urlsplit(owner)
    return urlunsplit(place._replace(netloc=f"{name}:{password}@{place.netloc.rpartition('@')[2]}"))


def start_valkey(data: Path) -> str:
    """Starts a server; returns its REDIS_URL."""
    instance, log = valkey.Instance(port=pick_port(), password=secrets.token_urlsafe(24)), data / "valkey.log"
    process = start(valkey.server(instance, place=data / "valkey", log=log))
    valkey.wait_until_open(instance, process, log=log)
    return instance.url


def start(program: Program) -> subprocess.Popen[bytes]:
    process = spawn(program)
    atexit.register(end, process, asking_with=program.orphaned, within=5)
    return process
