"""Seals every stored secret with the newest key, so that older keys can be removed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from billing.audit.actor import command
from billing.audit.record import record
from billing.crypto import Reseal, newest_key_id, reseal_all

_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Seal stored secrets with the first of COUNTERFOIL_FIELD_KEYS. Put a new key in front, restart, run this, "
        "then remove the old key. Exits with 1 while any secret is still sealed by an older key."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = reseal_all()
        for outcome in outcomes:
            self._report(outcome)
        resealed = sum(outcome.resealed for outcome in outcomes)
        left = sum(len(outcome.unreadable) + outcome.busy for outcome in outcomes)
        if resealed:
            with transaction.atomic():
                record(
                    merchant_id=None,
                    actor=command("rotate_secrets"),
                    action="secrets.resealed",
                    object_type="key",
                    object_id=newest_key_id(),
                    after={"resealed": resealed, "left": left},
                )
        if left:
            raise CommandError("Some secrets are not sealed by the newest key: keep the older keys.")
        self.stdout.write(f"All secrets are sealed by key {newest_key_id()}.")

    def _report(self, outcome: Reseal) -> None:
        self.stdout.write(f"{outcome.label}: {outcome.resealed} sealed anew")
        if outcome.busy:
            self.stderr.write(f"{outcome.label}: {outcome.busy} in use by others all the time; run this again")
        if outcome.unreadable:
            rows = ", ".join(sorted(outcome.unreadable)[:_SHOWN])
            self.stderr.write(f"{outcome.label}: {len(outcome.unreadable)} cannot be opened by any key: {rows}")
