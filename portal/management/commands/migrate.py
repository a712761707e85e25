"""Django's `migrate`, as the role that owns the tables; afterwards the application's role gets its rights."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate

from portal.database import as_owner, grant


class Command(Migrate):
    def handle(self, *arguments: Any, **options: Any) -> None:
        with as_owner() as role:
            super().handle(*arguments, **options)
            if role and not (options["plan"] or options["check_unapplied"]):
                grant(role)
