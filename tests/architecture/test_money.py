"""No amount ever passes through a float."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, modules, write

# Slices whose numbers are money. Elsewhere in billing a float is a number of seconds.
MONEY = (
    *("billing/money.py", "billing/payments", "billing/refunds", "billing/ledger", "billing/invoices"),
    *("billing/payouts", "billing/wallets", "billing/reconciliation", "billing/merchants"),
    *("billing/providers/events.py", "billing/providers/stripe", "reports/templatetags/money.py", "reports/figures"),
)
# A clock's difference, timeouts, and how long a call took are seconds.
NOT_MONEY = tuple(f"billing/providers/stripe/{name}.py" for name in ("client", "signature"))


def floats(root: Path) -> list[str]:
    return [
        f"{module.path}:{line} {what}"
        for module in modules(root, "billing", "reports")
        if module.within(*MONEY) and not module.within(*NOT_MONEY)
        for line, what in _floats(module.tree)
    ]


def _floats(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=float()):
                yield node.lineno, "a float"
            case ast.Name(id="float") | ast.Attribute(attr="FloatField"):
                yield node.lineno, "the type float"
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield node.lineno, "a true division"


def test_money_is_whole_numbers() -> None:
    assert floats(ROOT) == []


@pytest.mark.parametrize(
    "text",
    ["fee = amount * 0.029", "total = float(minor)", "share = minor / 3", "minor /= 100", "x = models.FloatField()"],
)
def test_a_float_is_found(tmp_path: Path, text: str) -> None:
    write(tmp_path, "billing/payments/settle.py", text)
    write(tmp_path, "billing/queue/backoff.py", "seconds = 0.5")
    assert len(floats(tmp_path)) == 1
