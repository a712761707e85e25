"""What may be imported where. ruff switches its bans off as a whole in a home; this looks at each ban by itself."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.source import PRODUCT, ROOT, Module, modules, write


@dataclass(frozen=True, slots=True)
class Ban:
    """``names`` are at home in ``homes`` only."""

    names: tuple[str, ...]
    homes: tuple[str, ...]


BANS = (
    Ban(
        (
            *("django.http", "django.shortcuts", "django.urls", "django.views", "django.middleware"),
            *("django.contrib.messages", "django.contrib.sessions", "django_htmx"),
        ),
        ("portal",),
    ),
    Ban(("django.template",), ("portal", "reports/templatetags", "reports/documents")),
    Ban(("allauth", "django_otp"), ("portal/accounts",)),
    Ban(("stripe",), ("billing/providers/stripe", "simulator/spec/generate.py")),
    Ban(("requests", "urllib3"), ("billing/providers/stripe",)),
    Ban(("weasyprint",), ("reports/render/pdf.py",)),
    Ban(("redis",), ("portal/live", "portal/web/dependencies.py")),
    Ban(("django.contrib.admin",), ()),
    Ban(
        (
            *("datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow", "datetime.date.today"),
            *("django.utils.timezone.now", "django.utils.timezone.localdate"),
        ),
        ("billing/clock.py", "simulator"),
    ),
    Ban(("simulator",), ("simulator",)),
)


def strangers(root: Path) -> list[str]:
    found = []
    for module in modules(root, *PRODUCT):
        used = sorted(set(_used(module)))
        for ban in BANS:
            if not module.within(*ban.homes):
                found += [f"{module.path}: {name}" for name in used if _matches(name, ban.names)]
    return found


def product_known_to_the_simulator(root: Path) -> list[str]:
    product = tuple(name for name in PRODUCT if name != "simulator")
    return [
        f"{module.path}: {name}"
        for module in modules(root, "simulator")
        for name in sorted(set(_used(module)))
        if _matches(name, product)
    ]


def _matches(name: str, banned: tuple[str, ...]) -> bool:
    return any(name == ban or name.startswith(f"{ban}.") for ban in banned)


def _used(module: Module) -> Iterator[str]:
    """Full names of everything imported, and of attributes of what was imported."""
    known: dict[str, str] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                known[alias.asname or top] = alias.name if alias.asname else top
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield f"{node.module}.{alias.name}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            *owners, name = ast.unparse(node).split(".")
            if owners and owners[0] in known:
                yield ".".join([known[owners[0]], *owners[1:], name])


def test_everything_stays_at_home() -> None:
    assert strangers(ROOT) == []


def test_the_simulator_knows_nothing_of_the_product() -> None:
    assert product_known_to_the_simulator(ROOT) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("billing/refunds/issue.py", "from django.http import HttpResponse"),
        ("reports/figures/sums.py", "from django import urls"),
        ("reports/render/csv.py", "from django.template.loader import render_to_string"),
        ("portal/merchant/views.py", "import stripe"),
        ("billing/refunds/send.py", "from stripe import StripeClient"),
        ("billing/sync/peer.py", "import requests"),
        ("reports/documents/invoice.py", "from weasyprint import HTML"),
        ("portal/staff/views.py", "from datetime import datetime\nx = datetime.now(UTC)"),
        ("billing/providers/stripe/client.py", "import datetime as dt\nx = dt.datetime.now(dt.UTC)"),
        ("portal/web/pages.py", "from django.utils import timezone\nx = timezone.now()"),
        ("disputes/cases/open.py", "def f():\n    from django.shortcuts import redirect"),
        ("billing/queue/nudge.py", "import redis"),
        ("portal/urls.py", "from django.contrib import admin"),
        ("portal/embedded/demo.py", "import simulator.money"),
    ],
)
def test_a_stranger_is_found(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, name, text)
    assert len(strangers(tmp_path)) == 1


def test_a_product_import_in_the_simulator_is_found(tmp_path: Path) -> None:
    write(tmp_path, "simulator/state.py", "from billing.money import Money")
    assert product_known_to_the_simulator(tmp_path) == ["simulator/state.py: billing.money.Money"]


@pytest.mark.parametrize(
    ("path", "text", "bites"),
    [
        ("billing/webhooks/probe.py", "from django.http import HttpResponse", True),
        ("portal/staff/probe.py", "from django.http import HttpResponse", False),
        ("portal/staff/probe.py", "import stripe", True),
        ("billing/providers/stripe/probe.py", "import stripe", False),
        ("reports/render/csv.py", "import weasyprint", True),
        ("reports/render/pdf.py", "import weasyprint", False),
        ("portal/live/probe.py", "import datetime\n\nprint(datetime.datetime.now(datetime.UTC))", True),
    ],
)
def test_ruff_has_the_same_bans(path: str, text: str, bites: bool) -> None:
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--output-format",
        "concise",
        "--stdin-filename",
        path,
        "-",
    ]
    answer = subprocess.run(command, input=text, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ("TID251" in answer.stdout) is bites
