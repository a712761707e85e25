"""What the application's role may do in PostgreSQL, and what is said of one that may do more."""

from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from portal.database import KEPT, OWN, as_owner, excess

RIGHTS = """
SELECT relname, array_agg(privilege_type::text ORDER BY privilege_type) FROM pg_class, aclexplode(relacl)
 WHERE relnamespace = 'public'::regnamespace AND relkind = %s
   AND grantee = (SELECT oid FROM pg_roles WHERE rolname = current_user)
 GROUP BY 1
"""
APPEND_ONLY = """
SELECT tgrelid::regclass::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
 WHERE proname = 'billing_append_only'
"""
TABLES = """
SELECT tablename FROM pg_tables WHERE schemaname = 'public'
 UNION SELECT viewname FROM pg_views WHERE schemaname = 'public'
"""
VIEWS = "SELECT viewname FROM pg_views WHERE schemaname = 'public'"


def ask(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


@pytest.mark.django_db
def test_rows_are_its_business_and_nothing_else_is():
    rights = dict(ask(RIGHTS, "r")) | dict(ask(RIGHTS, "v"))
    assert set(rights) == {name for (name,) in ask(TABLES)}
    assert {tuple(rights.pop(name)) for name in KEPT} == {("INSERT", "SELECT")}
    assert {tuple(rights.pop(name)) for name in OWN} == {("SELECT",)}
    assert {tuple(granted) for granted in rights.values()} == {("DELETE", "INSERT", "SELECT", "UPDATE")}
    assert {tuple(granted) for granted in dict(ask(RIGHTS, "S")).values()} == {("USAGE",)}


@pytest.mark.django_db
def test_tables_that_only_grow_are_named_once_for_all():
    written = {*KEPT, *OWN} - {"django_migrations"} - {name for (name,) in ask(VIEWS)}
    assert {name for (name,) in ask(APPEND_ONLY)} == written


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine (id int)",
        "CREATE TEMPORARY TABLE audit_event (id int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_event_keep_rows ON audit_event",
        "TRUNCATE payment",
        "DROP TABLE payment",
        "CREATE TRIGGER mine BEFORE INSERT ON payment EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "DELETE FROM django_migrations",
        "INSERT INTO journal_entry DEFAULT VALUES",
        "INSERT INTO posting DEFAULT VALUES",
        "INSERT INTO ledger_account DEFAULT VALUES",
        "SELECT ledger_settle_again('{{}}', '{{}}', '{{}}', '{{}}', now(), '{{1}}', '{{bank}}', '{{EUR}}', '{{1}}')",
        "SET ROLE {owner}",
        "SET session_replication_role = replica",
        "COPY audit_event TO PROGRAM 'cat'",
    ],
)
def test_what_it_may_not_do(statement, settings):
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
        ask(statement.format(owner=settings.DATABASE_OWNER["USER"]))


@pytest.mark.django_db
def test_nothing_is_said_of_a_role_that_owns_nothing():
    assert excess() == ""
    assert run_checks(databases=["default"]) == []


@pytest.mark.django_db
@pytest.mark.as_owner
def test_an_owner_is_named(settings):
    assert excess().endswith(" owns the tables")
    settings.DATABASE_OWNER = {}
    (warning,) = run_checks(databases=["default"])
    assert warning.id == "portal.W001"
    assert warning.msg.startswith("The database role ")
    assert "DATABASE_OWNER_URL" in warning.hint


@pytest.mark.django_db
@pytest.mark.as_owner
def test_with_one_role_the_site_is_ready_as_a_demo_only(client, settings):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["dependencies"]["postgresql"]["detail"].endswith("owns the tables")
    settings.DEMO = True
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["dependencies"]["postgresql"]["detail"].endswith("owns the tables")


def test_a_new_table_gets_its_rights_with_the_next_migrate(committed_db):
    with as_owner() as role:
        ask_nothing("CREATE TABLE newcomer (id bigint GENERATED ALWAYS AS IDENTITY)")
        ask_nothing(f"GRANT ALL ON newcomer, audit_event TO {role}")
    call_command("migrate", verbosity=0)
    rights = dict(ask(RIGHTS, "r"))
    assert rights["newcomer"] == ["DELETE", "INSERT", "SELECT", "UPDATE"]
    assert rights["audit_event"] == ["INSERT", "SELECT"]
    ask_nothing("INSERT INTO newcomer DEFAULT VALUES")


def test_a_plan_changes_no_rights(committed_db):
    with as_owner() as role:
        ask_nothing(f"GRANT TRUNCATE ON payment TO {role}")
    call_command("migrate", plan=True, stdout=StringIO())
    assert "TRUNCATE" in dict(ask(RIGHTS, "r"))["payment"]


def test_without_an_owner_of_its_own_one_role_is_both(committed_db, settings):
    settings.DATABASE_OWNER = {}
    with as_owner() as role:
        assert role == ""
        assert ask("SELECT current_user") == [(connection.settings_dict["USER"],)]
    with pytest.raises((CommandError, DatabaseError), match=r"permission denied|must be owner"):
        call_command("migrate", "portal", "0001", verbosity=0)


def ask_nothing(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
