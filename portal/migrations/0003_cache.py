"""The table of the default cache: limits of sign-in live there, so `migrate` alone must make a working site."""

from typing import Any

from django.core.management import call_command
from django.db import migrations


def create(apps: Any, schema_editor: Any) -> None:
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("portal", "0002_people")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop, elidable=False)]
