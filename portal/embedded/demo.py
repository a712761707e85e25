"""The demo: its merchants, its people, and the connections that its payments come through."""

import io
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from billing.providers.stripe.types import EVENT_TYPES
from portal.embedded.connections import DemoConnection, read_connections, write_connections
from portal.embedded.stand_in import StandIn, find_stand_in


@dataclass(frozen=True)
class DemoMerchant:
    """``profile`` is what the processor's world of this merchant is like; ``payments`` come on a day of its past, and
    ``hurry`` times as many while somebody watches."""

    slug: str
    name: str
    zone: str
    currency: str
    profile: str
    payments: int
    hurry: int = 800


MERCHANTS = (
    DemoMerchant("acme", "Acme Outdoor", "Europe/Paris", "EUR", "outdoor", 6),
    DemoMerchant("globex", "Globex Coffee", "Africa/Nairobi", "KES", "arabica", 3),
)
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
# Until the connection says where its door is.
NOWHERE = "http://127.0.0.1:9/"
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
    for merchant in MERCHANTS:
        run("create_merchant", merchant.slug, name=merchant.name, timezone=merchant.zone, currency=merchant.currency)
        for role, name in zip(MERCHANT_ROLES, NAMES[merchant.slug], strict=True):
            address = f"{role}@{merchant.slug}.example"
            run("create_user", address, name=name, merchant=merchant.slug, role=role, password=password)
    for role, name in zip(STAFF_ROLES, NAMES["staff"], strict=True):
        run("create_user", f"{role}@{STAFF_DOMAIN}", name=name, staff=role, password=password)
    kept, stand_in = read_connections(data), find_stand_in(data)
    made = [kept_or_new(merchant.slug, kept.get(merchant.slug), stand_in) for merchant in MERCHANTS]
    write_connections(data, made)


def kept_or_new(merchant: str, kept: DemoConnection | None, stand_in: StandIn) -> DemoConnection:
    """The merchant's test connection; a new one where either side does not know the kept one."""
    from billing.providers.models import ProviderAccount

    if kept is not None:
        here = ProviderAccount.objects.filter(public_id=kept.path.split("/")[-2])
        if here.exists() and stand_in.knows(kept):
            # Its port was taken by somebody else meanwhile.
            here.exclude(api_base=stand_in.base).update(api_base=stand_in.base)
            return kept
    key = f"sk_test_{secrets.token_hex(24)}"
    account = stand_in.ask("GET", f"/account?key={key}")["account"]
    endpoint = stand_in.call(account, "POST", "/v1/webhook_endpoints", url=NOWHERE, enabled_events=EVENT_TYPES)
    said = run(
        "connect_stripe",
        merchant=merchant,
        mode="test",
        secret_key=key,
        webhook_secret=endpoint["secret"],
        api_base=stand_in.base,
        # There is nothing to read before its past is written.
        read_later=True,
    )
    connection = next(line.split()[1] for line in said.splitlines() if line.startswith("connection "))
    return DemoConnection(merchant, f"/webhooks/stripe/{connection}/", key, account, endpoint["id"])


def run(command: str, /, *arguments: str, **options: str | bool) -> str:
    """Runs a management command; returns what it printed."""
    from django.core.management import call_command

    said = io.StringIO()
    call_command(command, *arguments, stdout=said, **options)
    return said.getvalue()


def data_of_process() -> Path:
    """The data directory that the launcher names to its processes."""
    return Path(os.environ["COUNTERFOIL_DATA"])
