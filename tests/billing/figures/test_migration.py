"""Figures of what was there before they were kept are computed once."""

from importlib import import_module
from types import SimpleNamespace

from django.apps import apps
from django.db import connection
from hypothesis import find

from billing.figures.models import DailyFigures, HourlyFigures
from tests.billing.figures.histories import live, make_accounts, steps
from tests.billing.figures.sums import kept_sums, raw_sums

compute = import_module("billing.migrations.0013_figures").compute


def test_what_was_there_before_is_summed_up(db):
    accounts = make_accounts(["America/Havana", "Asia/Kathmandu"])
    for account in accounts:
        for what in ("intent", "charge", "refund", "dispute", "movement"):
            live(account, [find(steps, lambda step, what=what: step.what == what and step.asked)])
    HourlyFigures.objects.all().delete()
    DailyFigures.objects.update(payments=3)
    compute(apps, SimpleNamespace(connection=connection))
    assert kept_sums() == raw_sums()
    assert len({key[-1] for key in kept_sums()}) >= 8
