"""R13: signatures are judged by the site's own clock, whatever others say; for what was lost see `skewed`."""

import http.client
import json
import time

from tests.trust import skewed
from tests.trust.installation import Installation
from tests.trust.oracle import settle
from tests.trust.result import Result
from tests.trust.sender import Shop, sign
from tests.trust.shops import open_shops
from tests.trust.stories import tell

MINUTE, HOUR = 60, 3600
OFFSETS = (0, 10 * MINUTE, -10 * MINUTE, 26 * HOUR, -26 * HOUR)
TOLERANCE = 300
# Seconds between making a signature and judging it; without it the edge itself would be a coin toss.
MARGIN = 3


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """For each offset of the site's clock: signatures of its own time pass, older and younger ones do not."""
    result = Result("R13", seed, full)
    shop = open_shops(site, seed=seed, count=1)[0]
    letters = iter(tell(seed, events=400 if full else 60, shops=1, livemode=False, until=int(time.time())).letters)
    accepted = 0
    for number, offset in enumerate(OFFSETS):
        site.set_clock(offset, "web")
        # The worker's clock differs from the site's, each time in another way.
        site.set_clock(OFFSETS[number - 1], "worker", "sweeper")
        for skew in (-HOUR, -TOLERANCE - MARGIN, -TOLERANCE + MARGIN, 0, TOLERANCE - MARGIN, TOLERANCE + MARGIN, HOUR):
            for _ in range(10 if full else 1):
                result.n += 1
                status = _post(site, shop, next(letters).payload, offset + skew)
                expected = 200 if abs(skew) < TOLERANCE else 400
                accepted += status == 200
                if status != expected:
                    result.problems.append(f"clock {offset:+} s, signature {skew:+} s: {status}, not {expected}")
    if settle(site, within=60) is None:
        result.problems.append("events wait for a clock")
    with site.database() as cursor:
        cursor.execute("SELECT count(*) FROM webhook_event WHERE account_id = %s", [shop.account_id])
        kept = cursor.fetchone()[0]
    if kept != accepted:
        result.problems.append(f"{kept} events are kept of {accepted} that were accepted")
    result.facts["accepted"] = accepted
    site.set_clock(0)
    result.problems += skewed.run(seed=seed, full=full, site=site, result=result)
    return result


def _post(site: Installation, shop: Shop, payload: dict[str, object], ahead: int) -> int:
    body = json.dumps(payload).encode()
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        line.request("POST", shop.path, body, {"Stripe-Signature": sign(shop.secret, body, int(time.time()) + ahead)})
        return line.getresponse().status
    finally:
        line.close()
