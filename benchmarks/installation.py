"""A throw-away installation on a real disk: embedded PostgreSQL and Valkey, migrated, with one merchant connected."""

import atexit
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import psycopg2

from portal.embedded import postgres, valkey
from portal.embedded.ports import pick_port
from portal.embedded.reach import place_for
from portal.embedded.spawn import Program, end, spawn

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("COUNTERFOIL_DATA", ROOT / ".data")).resolve() / "benchmarks"
# Of the site under the load of many people: as `make run` starts on two cores.
PROCESSES = 2
WEBHOOK_SECRET = "whsec_benchmark_0123456789abcdef"
# Nothing is asked of Stripe itself.
NOBODY = "http://127.0.0.1:9"


@dataclass
class Installation:
    """Servers of one benchmark. They end, and their files go, when this process ends."""

    place: Path
    cluster: postgres.Cluster
    database: subprocess.Popen[bytes]
    redis_url: str
    environment: dict[str, str] = field(default_factory=dict)

    def make_database(self, name: str) -> dict[str, str]:
        """Another empty database on the same server; returns DATABASE_URL and DATABASE_OWNER_URL."""
        connection = psycopg2.connect(self.cluster.url_of("postgres", "postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} OWNER {postgres.OWNER}")
        connection.close()
        return {
            "DATABASE_URL": self.cluster.url_of(postgres.APPLICATION, name),
            "DATABASE_OWNER_URL": self.cluster.url_of(postgres.OWNER, name),
        }

    def serve(
        self,
        name: str,
        application: str,
        *,
        python: str = sys.executable,
        cwd: Path = ROOT,
        processes: int = 1,
        **environment: str,
    ) -> "Site":
        """Starts uvicorn with that ASGI application and returns when it answers."""
        port = pick_port()
        log = self.place / f"{name}.log"
        arguments = ["-m", "uvicorn", application, "--host", "127.0.0.1", "--port", str(port)]
        # A worker that is as busy as a benchmark keeps it is not a dead one.
        arguments += ["--workers", str(processes), "--timeout-worker-healthcheck", "60"]
        process = spawn(
            Program(
                name=name,
                argv=[python, *arguments, "--log-level", "warning", "--no-access-log"],
                environment={**self.environment, **environment},
                log=log,
                cwd=cwd,
            )
        )
        atexit.register(end, process, asking_with=15, within=10)
        site = Site(process, port)
        site.wait(log)
        return site


@dataclass(frozen=True)
class Site:
    process: subprocess.Popen[bytes]
    port: int

    def wait(self, log: Path, *, within: float = 30) -> None:
        deadline = time.monotonic() + within
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{log.stem} does not answer:\n{log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).close()
        except urllib.error.HTTPError as refusal:
            # Baselines have no such page; any answer will do.
            refusal.close()
        except OSError:
            return False
        return True


def start(name: str) -> Installation:
    """Starts the servers and sets Django up on them. PostgreSQL flushes every commit to the data directory's disk."""
    remove_abandoned()
    DATA.mkdir(mode=0o711, parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=f"run-{os.getpid()}-", dir=DATA))
    place.chmod(0o711)
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    owner, application = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    cluster = postgres.open_cluster(place, password=owner, application_password=application)
    # Where root may not run PostgreSQL in the data directory, the cluster stands elsewhere.
    atexit.register(shutil.rmtree, cluster.place.parent, ignore_errors=True)
    log = place / "postgres.log"
    database = run(postgres.server(cluster, log=log))
    postgres.wait_until_open(cluster, database, log=log)
    postgres.ensure_database(cluster)
    instance = valkey.Instance(port=pick_port(), password=secrets.token_urlsafe(24))
    log = place / "valkey.log"
    valkey.wait_until_open(instance, run(valkey.server(instance, place=place / "valkey", log=log)), log=log)
    installation = Installation(place, cluster, database, instance.url)
    installation.environment = environment_of(installation)
    os.environ.update(installation.environment)
    set_up()
    return installation


def environment_of(installation: Installation) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERFOIL_")}
    return {
        **kept,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "COUNTERFOIL_FIELD_KEYS": urlsafe_b64encode(os.urandom(32)).decode(),
        "COUNTERFOIL_DATA": str(installation.place),
        "DATABASE_URL": installation.cluster.url,
        "DATABASE_OWNER_URL": installation.cluster.owner_url,
        "REDIS_URL": installation.redis_url,
        "COUNTERFOIL_PROCESSOR_BASES": NOBODY,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }


def run(program: Program) -> subprocess.Popen[bytes]:
    process = spawn(program)
    atexit.register(end, process, asking_with=program.stop, within=10)
    return process


def set_up() -> None:
    import django

    django.setup()
    command("migrate", verbosity=0, interactive=False)


def connect_merchant(slug: str = "bench") -> str:
    """Opens a merchant with a test mode connection; returns the path of its webhook door."""
    command("create_merchant", slug, name="Bench", timezone="Europe/Paris", currency="EUR")
    said = command(
        "connect_stripe",
        merchant=slug,
        mode="test",
        secret_key="sk_test_benchmark",
        webhook_secret=WEBHOOK_SECRET,
        api_base=NOBODY,
    )
    connection = next(line.split()[1] for line in said.splitlines() if line.startswith("connection "))
    return f"/webhooks/stripe/{connection}/"


def command(name: str, /, *arguments: str, **options: object) -> str:
    """Runs a management command; returns what it printed."""
    from django.core.management import call_command

    said = StringIO()
    call_command(name, *arguments, stdout=said, **options)
    return said.getvalue()


def remove_abandoned() -> None:
    """Removes what killed runs left in the data directory; their servers died with them."""
    for left in DATA.glob("run-*"):
        if not Path(f"/proc/{left.name.split('-')[1]}").exists():
            for place in (place_for(left, "postgres").parent, left):
                shutil.rmtree(place, ignore_errors=True)
