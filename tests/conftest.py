"""Databases and servers of the suite. Everything else lives beside the tests that use it."""

import os
from collections.abc import Iterator

import django
import pytest

from tests import servers

# The settings read the addresses of these servers, so pytest-django must not import them earlier by itself.
servers.provide()
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
django.setup()

from tests import databases  # noqa: E402
from tests.stack import Stack  # noqa: E402


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Tests connect as the application; those that are marked `as_owner` as the role that owns the tables."""
    if item.get_closest_marker("as_owner") is None:
        return (yield)
    with databases.default_as("DATABASE_OWNER_URL"):
        return (yield)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker) -> Iterator[None]:
    """One clone of the migrated template for the tests of this process that roll back."""
    with django_db_blocker.unblock():
        databases.drop_abandoned()
        name = databases.clone("shared")
        with databases.default_at(name):
            yield
        databases.drop(name)


@pytest.fixture
def committed_db(django_db_setup, django_db_blocker) -> Iterator[str]:
    """A database of its own for a test that commits or starts threads; the value is its name."""
    name = databases.clone()
    with django_db_blocker.unblock():
        with databases.default_at(name):
            yield name
        databases.drop(name)


@pytest.fixture(scope="session")
def shared_stack(django_db_setup, django_db_blocker) -> Iterator[Stack]:
    """The processes behind `live_stack`, started once."""
    name = databases.clone("stack")
    stack = Stack(name)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
        databases.drop(name)


@pytest.fixture
def live_stack(shared_stack: Stack, django_db_blocker) -> Iterator[Stack]:
    """Web, worker and sweeper as real processes, with the ORM of the test in their database.

    Shared by the tests of this process, what they commit stays: give each its own merchant.
    Tests that kill something or need settings of their own take `own_stack`.
    """
    with django_db_blocker.unblock(), databases.default_at(shared_stack.database):
        yield shared_stack


@pytest.fixture
def own_stack(committed_db: str) -> Iterator[Stack]:
    """A stack of one's own, not started yet: `own_stack.start("web", COUNTERFOIL_SIGNUP="open")`."""
    stack = Stack(committed_db)
    yield stack
    stack.stop()
