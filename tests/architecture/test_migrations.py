"""Models and migrations say the same."""

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

OURS = {"billing", "disputes", "reports", "portal"}


def missing(here: ProjectState) -> dict[str, list[str]]:
    """Operations that no migration of ours makes yet, by app."""
    loader = MigrationLoader(None)
    changes = MigrationAutodetector(loader.project_state(), here).changes(graph=loader.graph)
    return {
        app: [operation.describe() for migration in migrations for operation in migration.operations]
        for app, migrations in changes.items()
        if app in OURS
    }


def test_every_change_of_a_model_has_its_migration() -> None:
    assert missing(ProjectState.from_apps(apps)) == {}


def test_a_change_without_a_migration_is_found() -> None:
    state = ProjectState.from_apps(apps)
    state.remove_field("billing", "payment", "description")
    assert missing(state) == {"billing": ["Remove field description from payment"]}
