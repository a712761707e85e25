"""Asks an address whether the site behind it works: exit code 0 for 200. Images without curl call it."""

import sys
import urllib.error
import urllib.request


def healthy(url: str) -> bool:
    """Whether it answers 200 within four seconds."""
    try:
        with urllib.request.urlopen(url, timeout=4) as answer:  # noqa: S310 - our own health checks name it
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


if __name__ == "__main__":
    sys.exit(0 if healthy(sys.argv[1]) else 1)
