"""How many requests one person may make in a second."""

import time
from collections import OrderedDict
from threading import Lock

from django.conf import settings

_MOST_PEOPLE = 10_000


class Pace:
    """A bucket of tokens a person, in this process's memory; it fills up again within a second."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._buckets: OrderedDict[int, tuple[float, float]] = OrderedDict()

    def admits(self, user_id: int) -> bool:
        rate = float(settings.REQUESTS_PER_SECOND)
        moment = time.monotonic()
        with self._lock:
            tokens, seen = self._buckets.pop(user_id, (rate, moment))
            tokens = min(rate, tokens + (moment - seen) * rate)
            admitted = tokens >= 1
            self._buckets[user_id] = (tokens - 1 if admitted else tokens, moment)
            if len(self._buckets) > _MOST_PEOPLE:
                self._buckets.popitem(last=False)
        return admitted


pace = Pace()
