"""The suite's own fixtures: what other tests lean on."""

import threading

import pytest
from django.db import connection

from tests import databases


def current_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_test_that_rolls_back_shares_one_clone():
    assert "_shared_" in current_database()


def test_a_test_that_commits_has_a_database_of_its_own(committed_db):
    assert current_database() == committed_db


def test_threads_of_a_committing_test_use_its_database(committed_db):
    seen = []

    def look() -> None:
        seen.append(current_database())
        connection.close()

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [committed_db] * 3


def test_a_clone_disappears_with_its_sessions(committed_db):
    other = databases.clone()
    with databases.default_at(other):
        assert current_database() == other
    databases.drop(other)
    with databases.administration() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [other])
        assert cursor.fetchone() is None
    assert current_database() == committed_db


def test_the_server_is_durable_and_its_role_no_superuser(committed_db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        superuser = cursor.fetchone()[0]
        cursor.execute("SHOW fsync")
        fsync = cursor.fetchone()[0]
    assert fsync == "on"
    if "counterfoil:" in databases.url_of(committed_db):
        assert not superuser


def test_sockets_reach_loopback_only():
    import socket

    from pytest_socket import SocketConnectBlockedError

    with pytest.warns(UserWarning, match="192.0.2.1"), pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
