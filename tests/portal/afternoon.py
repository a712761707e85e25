"""When pages of money are looked at in tests that must not depend on the time of day."""

from datetime import UTC, datetime

from tests.billing.deliveries import T0

# Wed 18 Nov 2026, 14:30:10 in Paris; T0 is 12:06:40 of that day.
NOW = datetime.fromtimestamp(T0 + 8_610, UTC)
DAY = 86_400
