"""Figures of what was there before they were kept are computed once."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from hypothesis import find

from billing.figures.models import DailyFigures, HourlyFigures
from tests.billing.figures.histories import live, make_accounts, steps
from tests.billing.figures.sums import kept_sums, raw_sums

compute = import_module("billing.migrations.0013_figures").compute


@pytest.mark.as_owner
def test_what_was_there_before_is_summed_up(db):
    with connection.cursor() as cursor:
        # A column that is gone since.
        for table in ("daily_figures", "hourly_figures"):
            cursor.execute(f"ALTER TABLE {table} ADD available bigint NOT NULL DEFAULT 0")
    then = MigrationLoader(None).project_state(("billing", "0013_figures")).apps
    accounts = make_accounts(["America/Havana", "Asia/Kathmandu"])
    for account in accounts:
        for what in ("intent", "charge", "refund", "dispute", "movement"):
            live(account, [find(steps, lambda step, what=what: step.what == what and step.asked)])
    HourlyFigures.objects.all().delete()
    DailyFigures.objects.update(payments=3)
    compute(then, SimpleNamespace(connection=connection))
    assert kept_sums() == raw_sums()
    assert len({key[-1] for key in kept_sums()}) >= 8
