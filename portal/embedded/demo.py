"""The demo: its merchants, its people, and the connections that its payments come through."""

import io
import os
import secrets
from pathlib import Path

from portal.embedded.connections import DemoConnection, read_connections, write_connections
from portal.embedded.shops import SHOPS

MERCHANT_ROLES = ("owner", "admin", "finance", "support", "disputes", "developer", "viewer")
STAFF_ROLES = ("agent", "disputes", "fraud", "risklead", "financeops", "admin", "auditor")
# One for each role, in the order above.
NAMES = {
    "acme": (
        "Hélène Fabre",
        "Romain Castel",
        "Anke Vogel",
        "Jules Perrin",
        "Sandrine Morel",
        "Milan Horvat",
        "Clara Nunes",
    ),
    "globex": (
        "Wanjiku Maina",
        "Peter Omondi",
        "Halima Yusuf",
        "Dennis Kiptoo",
        "Lilian Akinyi",
        "Samuel Gitau",
        "Joyce Wambui",
    ),
    "staff": (
        "Ruth Adler",
        "Marek Dvořák",
        "Ingrid Solheim",
        "Paulo Teixeira",
        "Yasmin Haddad",
        "Tom Whitfield",
        "Eszter Varga",
    ),
}
STAFF_DOMAIN = "counterfoil.example"
# A stand-in's address: nothing listens there, and the site marks such connections as simulated.
PROCESSOR = "http://127.0.0.1:12111"
# Without letters and digits that look alike: people type it from a terminal.
LETTERS, DIGITS = "abcdefghjkmnpqrstuvwxyz", "23456789"


def demo_password(data: Path) -> str:
    """The one password of all demo people, made at first use and kept in <data>/demo-password."""
    file = data / "demo-password"
    if not file.exists():
        file.touch(mode=0o600)
        groups = ["".join(secrets.choice(LETTERS) for _ in range(3)) + secrets.choice(DIGITS) for _ in range(4)]
        file.write_text("-".join(groups) + "\n")
    return file.read_text().strip()


def how_to_sign_in(data: Path, url: str) -> str:
    """What the person at the terminal needs to know, as lines of text."""
    roles = ", ".join(f"{role}@" for role in MERCHANT_ROLES)
    staff = ", ".join(f"{role}@" for role in STAFF_ROLES)
    return "\n".join(
        [
            f"Sign in at {url}/accounts/login/ with the password {demo_password(data)}",
            f"  merchants  {roles} acme.example or globex.example",
            f"  staff      {staff} {STAFF_DOMAIN}",
            "  code       .venv/bin/python manage.py otp owner@acme.example",
        ]
    )


def seed(data: Path) -> None:
    """Makes what is missing of the demo. Needs Django to be set up."""
    password = demo_password(data)
    for shop in SHOPS:
        run("create_merchant", shop.slug, name=shop.name, timezone=shop.zone, currency=shop.currency)
        for role, name in zip(MERCHANT_ROLES, NAMES[shop.slug], strict=True):
            address = f"{role}@{shop.slug}.example"
            run("create_user", address, name=name, merchant=shop.slug, role=role, password=password)
    for role, name in zip(STAFF_ROLES, NAMES["staff"], strict=True):
        run("create_user", f"{role}@{STAFF_DOMAIN}", name=name, staff=role, password=password)
    kept = read_connections(data)
    write_connections(data, [kept_or_new(shop.slug, kept.get(shop.slug)) for shop in SHOPS])


def kept_or_new(merchant: str, kept: DemoConnection | None) -> DemoConnection:
    """The merchant's test connection; a new one where the database does not know the kept one."""
    from billing.providers.models import ProviderAccount

    if kept is not None and ProviderAccount.objects.filter(public_id=kept.path.split("/")[-2]).exists():
        return kept
    secret = f"whsec_{secrets.token_hex(24)}"
    said = run(
        "connect_stripe",
        merchant=merchant,
        mode="test",
        secret_key=f"sk_test_{secrets.token_hex(24)}",
        webhook_secret=secret,
        api_base=PROCESSOR,
    )
    connection = next(line.split()[1] for line in said.splitlines() if line.startswith("connection "))
    return DemoConnection(merchant, f"/webhooks/stripe/{connection}/", secret)


def run(command: str, /, *arguments: str, **options: str) -> str:
    """Runs a management command; returns what it printed."""
    from django.core.management import call_command

    said = io.StringIO()
    call_command(command, *arguments, stdout=said, **options)
    return said.getvalue()


def data_of_process() -> Path:
    """The data directory that the launcher names to its processes."""
    return Path(os.environ["COUNTERFOIL_DATA"])
