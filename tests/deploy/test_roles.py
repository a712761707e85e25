"""deploy/database.sh on a PostgreSQL of its own, as the database container runs it."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg2
import pytest

from portal.embedded import postgres
from portal.embedded.spawn import end, spawn
from tests.servers import new_cluster

SCRIPT = Path(__file__).resolve().parent.parent.parent / "deploy/database.sh"
OWNERS = "SELECT tableowner FROM pg_tables WHERE schemaname = 'public'"
POWERS = "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname LIKE 'cf_%'"


@pytest.fixture(scope="module")
def cluster():
    data = Path(tempfile.mkdtemp(prefix="roles-", dir=os.environ["COUNTERFOIL_TESTS"]))
    data.chmod(0o711)
    made, log = new_cluster(data), data / "postgres.log"
    process = spawn(postgres.server(made, log=log))
    postgres.wait_until_open(made, process, log=log)
    yield made
    end(process, asking_with=signal.SIGQUIT, within=5)
    shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
def server(cluster):
    yield cluster
    superuser(cluster, "DROP DATABASE IF EXISTS counterfoil", "DROP ROLE IF EXISTS cf_app, cf_owner, counterfoil")


def run_script(cluster, owner: str, application: str) -> None:
    environment = {
        "PATH": f"{postgres.binaries()}:/usr/bin:/bin",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(cluster.port),
        "PGPASSWORD": cluster.password,
        "POSTGRES_USER": "postgres",
        "COUNTERFOIL_OWNER_PASSWORD": owner,
        "COUNTERFOIL_DATABASE_PASSWORD": application,
    }
    subprocess.run(["bash", str(SCRIPT)], env=environment, check=True, capture_output=True)


def ask(cluster, role: str, password: str, *statements: str, database: str = "counterfoil") -> list[tuple]:
    connection = psycopg2.connect(f"postgres://{role}:{password}@127.0.0.1:{cluster.port}/{database}")
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def superuser(cluster, *statements: str) -> list[tuple]:
    return ask(cluster, "postgres", cluster.password, *statements, database="postgres")


def test_a_new_server_gets_an_owner_and_a_role_that_owns_nothing(server):
    run_script(server, "first", "second")
    ask(server, "cf_owner", "first", "CREATE TABLE kept ()")
    assert ask(server, "cf_app", "second", OWNERS) == [("cf_owner",)]
    assert superuser(server, POWERS) == [(False,), (False,)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(server, "cf_app", "second", "DROP TABLE kept")


def test_run_again_it_sets_the_passwords_and_keeps_the_rest(server):
    run_script(server, "first", "second")
    ask(server, "cf_owner", "first", "CREATE TABLE kept ()")
    run_script(server, "third", "it's 4")
    assert ask(server, "cf_owner", "third", OWNERS) == [("cf_owner",)]
    assert ask(server, "cf_app", "it's 4", "SELECT current_user") == [("cf_app",)]


def test_the_one_role_of_earlier_versions_becomes_the_owner(server):
    superuser(server, "CREATE ROLE counterfoil LOGIN PASSWORD 'old'", "CREATE DATABASE counterfoil OWNER counterfoil")
    ask(server, "counterfoil", "old", "CREATE TABLE kept ()")
    run_script(server, "first", "second")
    assert ask(server, "cf_app", "second", OWNERS) == [("cf_owner",)]
    assert superuser(server, "SELECT count(*) FROM pg_roles WHERE rolname = 'counterfoil'") == [(0,)]
    ask(server, "cf_owner", "first", "DROP TABLE kept")
