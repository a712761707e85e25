"""A database of its own, filled with payments, and both sites before it: Counterfoil and the stock pages."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.installation import ROOT, Installation, Site


@dataclass(frozen=True)
class Filled:
    """``cookies`` sign one person in each, ``cursor`` leads to the middle of the list; filling took ``seconds``."""

    ours: Site
    stock: Site
    cookies: list[str]
    cursor: str
    seconds: float


def fill_and_serve(
    started: Installation,
    name: str,
    rows: int,
    *,
    whole: bool = False,
    people: int = 1,
    processes: int = 1,
    **environment: str,
) -> Filled:
    """``whole`` brings customers, attempts, refunds and payouts with the payments; ``environment`` is for the sites."""
    environment |= started.make_database(name)
    said = subprocess.run(
        [
            *("nice", sys.executable, "-W", "ignore", "-m", "benchmarks.fill", str(rows), "--people", str(people)),
            *(["--whole"] if whole else []),
        ],
        env={**os.environ, **started.environment, **environment},
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    ours = started.serve(f"web-{name}", "portal.asgi:application", processes=processes, **environment)
    stock_settings = {"DJANGO_SETTINGS_MODULE": "benchmarks.stock_page.settings"}
    stock = started.serve(
        f"stock-{name}", "benchmarks.stock_page.asgi:application", processes=processes, **environment, **stock_settings
    )
    return Filled(ours, stock, **json.loads(said.strip().splitlines()[-1]))
