"""The servers of an installation: PostgreSQL and Valkey, each where the environment names no other."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.embedded import postgres, valkey
from portal.embedded.environment import read_values, write_values
from portal.embedded.ports import pick_port
from portal.embedded.refusal import CannotStart
from portal.embedded.supervise import Supervisor

# In this order they are stopped, after everything that uses them.
NAMES = ("valkey", "postgres")


@dataclass(frozen=True)
class Servers:
    """The embedded ones; None stands for a server that the environment names."""

    cluster: postgres.Cluster | None
    instance: valkey.Instance | None

    @property
    def addresses(self) -> dict[str, str]:
        """DATABASE_URL and REDIS_URL of the embedded ones."""
        urls = {
            "DATABASE_URL": self.cluster.url if self.cluster else "",
            "REDIS_URL": self.instance.url if self.instance else "",
        }
        return {key: url for key, url in urls.items() if url}


def open_servers(data: Path, *, found: Mapping[str, str]) -> Servers:
    """Makes what is missing; addresses and passwords stay the same from start to start.

    `found` is the real environment. Raises CannotStart for a database that cannot be opened.
    """
    kept = read_values(data / "servers")
    if "POSTGRES_PASSWORD" not in kept and postgres.exists(data):
        raise CannotStart(
            f"The password of the database of {data} is lost: put its file {data / 'servers'} back, "
            "or name another directory with --data."
        )
    # On disk before the database: a start that is killed in between must find the password again.
    kept = {
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "APPLICATION_PASSWORD": secrets.token_urlsafe(24),
        "VALKEY_PASSWORD": secrets.token_urlsafe(24),
        **kept,
        "POSTGRES_PORT": str(pick_port(number(kept.get("POSTGRES_PORT")))),
        "VALKEY_PORT": str(pick_port(number(kept.get("VALKEY_PORT")))),
    }
    write_values(data / "servers", kept, heading="# Ports and passwords of the embedded servers. Losing it loses them.")
    cluster = instance = None
    if "DATABASE_URL" not in found:
        cluster = postgres.open_cluster(
            data,
            port=int(kept["POSTGRES_PORT"]),
            password=kept["POSTGRES_PASSWORD"],
            application_password=kept["APPLICATION_PASSWORD"],
        )
    if "REDIS_URL" not in found:
        instance = valkey.Instance(port=int(kept["VALKEY_PORT"]), password=kept["VALKEY_PASSWORD"])
    return Servers(cluster, instance)


def number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def start_servers(servers: Servers, supervisor: Supervisor, *, data: Path, logs: Path) -> None:
    """Starts the embedded ones together and returns when both answer. Raises CannotStart when one does not."""
    cluster, instance = servers.cluster, servers.instance
    database = cache = None
    if cluster is not None:
        log = logs / "postgres.log"
        database = supervisor.start(postgres.server(cluster, log=log), before=lambda: postgres.clear_remains(cluster))
    if instance is not None:
        cache = supervisor.start(valkey.server(instance, place=data / "valkey", log=logs / "valkey.log"))
    if cluster is not None and database is not None:
        postgres.wait_until_open(cluster, database, log=logs / "postgres.log")
        postgres.ensure_database(cluster)
    if instance is not None and cache is not None:
        valkey.wait_until_open(instance, cache, log=logs / "valkey.log")
