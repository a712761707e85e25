"""Paydays and arrivals."""

from datetime import UTC, datetime

import pytest

from simulator.money.schedule import completed, is_payday, next_business_day, next_run


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("schedule", "day", "pays"),
    [
        ({"interval": "manual"}, "2026-01-05", False),
        ({"interval": "daily"}, "2026-01-05", True),
        ({"interval": "daily"}, "2026-01-03", False),
        ({"interval": "weekly", "weekly_anchor": "friday"}, "2026-01-09", True),
        ({"interval": "weekly", "weekly_anchor": "friday"}, "2026-01-08", False),
        ({"interval": "weekly", "weekly_payout_days": ["monday", "thursday"]}, "2026-01-08", True),
        ({"interval": "monthly", "monthly_anchor": 31}, "2026-02-28", True),
        ({"interval": "monthly", "monthly_payout_days": [1, 15]}, "2026-02-15", True),
        ({"interval": "monthly", "monthly_payout_days": [1, 15]}, "2026-02-16", False),
    ],
)
def test_a_schedule_has_its_paydays(schedule: dict[str, object], day: str, pays: bool) -> None:
    assert is_payday(completed(schedule), at(f"{day}T01:00")) is pays


def test_payouts_are_made_at_one_in_the_morning() -> None:
    assert next_run(at("2026-01-05T00:30")) == at("2026-01-05T01:00")
    assert next_run(at("2026-01-05T01:00")) == at("2026-01-06T01:00")


def test_banks_do_not_work_at_weekends() -> None:
    assert next_business_day(at("2026-01-08T05:00")) == at("2026-01-09T00:00")
    assert next_business_day(at("2026-01-09T05:00")) == at("2026-01-12T00:00")
