"""The import contracts of pyproject.toml find what they forbid, tried on packages made of nothing else."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.source import ROOT, write

_ADAPTERS = (
    *("billing/providers/base.py", "billing/providers/events.py", "billing/providers/models.py"),
    *("billing/providers/stripe/__init__.py", "billing/providers/stripe/client.py"),
)
# What the samples import.
_SAMPLED = (
    *("simulator/__init__.py", "tests/__init__.py", "tests/factories.py", "reports/render/svg.py"),
    *("portal/web/nav.py", "portal/merchant/home.py", "portal/accounts/session.py"),
    *("billing/payments/settle.py", "billing/outbox/publish.py"),
    *("billing/fraud/__init__.py", "billing/fraud/assess.py"),
)
_LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


def make_house(root: Path) -> None:
    """Every package and module that the contracts name and need, each one empty."""
    config = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    write(root, "pyproject.toml", config)
    settings = tomllib.loads(config)["tool"]["importlinter"]
    for package in settings["root_packages"]:
        write(root, f"{package}/__init__.py", "")
    for container, layer in _layers(settings["contracts"]):
        for name in layer.split(" | "):
            if not name.startswith("("):
                write(root, f"{container}/{name}/__init__.py", "")
    for name in _ADAPTERS + _SAMPLED:
        write(root, name, "")


def _layers(contracts: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for contract in contracts:
        for container in contract.get("containers", ()):
            yield from ((container, layer) for layer in contract["layers"])


def broken(root: Path) -> list[str]:
    """Names of the contracts that do not hold."""
    command = [sys.executable, "-c", _LINT, "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    answer = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert "Contracts: " in answer.stdout, answer.stdout + answer.stderr
    return [line.removesuffix(" BROKEN") for line in answer.stdout.splitlines() if line.endswith(" BROKEN")]


def test_an_empty_house_keeps_them(tmp_path: Path) -> None:
    make_house(tmp_path)
    assert broken(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "text", "contract"),
    [
        ("billing/payments/settle.py", "from portal.web import nav", "portal over reports"),
        ("reports/render/svg.py", "import simulator.state", "The product knows neither"),
        ("portal/live/stream.py", "from tests import factories", "The product knows neither"),
        ("billing/webhooks/process.py", "from billing.payments import settle", "Slices of billing"),
        ("billing/audit/record.py", "from billing.outbox import publish", "Slices of billing"),
        ("billing/loyalty/points.py", "", "Slices of billing"),
        ("billing/refunds/issue.py", "from billing.fraud import assess", "Slices of billing"),
        ("billing/providers/stripe/client.py", "from billing.providers import models", "Adapters of processors"),
        ("billing/providers/stripe/client.py", "from django.db import models", "Adapters of processors"),
        ("disputes/appeals/open.py", "", "Slices of disputes"),
        ("reports/dates/__init__.py", "from reports.render import svg", "Slices of reports"),
        ("portal/staff/queue.py", "from portal.merchant import home", "Faces of the site"),
        ("portal/access/guards.py", "from portal.accounts import session", "Faces of the site"),
        ("portal/shop/views.py", "", "Faces of the site"),
    ],
)
def test_a_broken_contract_is_found(tmp_path: Path, name: str, text: str, contract: str) -> None:
    make_house(tmp_path)
    write(tmp_path, f"{Path(name).parent}/__init__.py", "")
    write(tmp_path, name, text)
    assert [found for found in broken(tmp_path) if found.startswith(contract)]
