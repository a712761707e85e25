"""The baseline that people use today: dj-stripe's endpoint, which processes each event inside the request."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.installation import DATA, ROOT, WEBHOOK_SECRET, Installation, Site

REQUIREMENTS = ("dj-stripe==2.11.*", "psycopg2-binary", "uvicorn", "a2wsgi", "httptools", "uvloop")


class CannotInstall(Exception):
    """The environment of dj-stripe could not be made; the text is pip's own last word."""


def environment() -> Path:
    """Its Python, in an environment of its own, made at first use: its stripe is not ours. Raises CannotInstall."""
    place = DATA / "dj-stripe-2.11"
    python = place / "bin" / "python"
    if not (place / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True, capture_output=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS]
        said = subprocess.run(install, check=False, capture_output=True, text=True)
        if said.returncode:
            raise CannotInstall((said.stderr.strip() or "pip failed").splitlines()[-1][:300])
        (place / "complete").touch()
    return python


def start(installation: Installation, bodies: Sequence[bytes]) -> tuple[Site, str]:
    """Its site and the path of its endpoint. The stand-in knows the objects of these events. Raises CannotInstall."""
    python = environment()
    objects = installation.place / "objects.json"
    objects.write_text(json.dumps(latest(bodies)))
    extra = {
        "DATABASE_URL": installation.make_database("dj_stripe")["DATABASE_OWNER_URL"],
        "STAND_IN_OBJECTS": str(objects),
        "WEBHOOK_SECRET": WEBHOOK_SECRET,
    }
    path = subprocess.run(
        [str(python), "-W", "ignore", "-m", "benchmarks.dj_stripe_site.prepare"],
        env={**installation.environment, **extra},
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.strip()
    site = installation.serve("dj-stripe", "benchmarks.dj_stripe_site.asgi:application", python=str(python), **extra)
    return site, path


def latest(bodies: Sequence[bytes]) -> dict[str, dict[str, object]]:
    """The objects of the events by id. What dj-stripe would fetch next to each is left out, in its favour."""
    found = {}
    for body in bodies:
        target = json.loads(body)["data"]["object"]
        found[target["id"]] = {**target, "balance_transaction": None, "latest_charge": None, "payment_method": None}
    return found
