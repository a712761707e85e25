"""A merchant's pages reach rows through one door, which asks for the merchant and the mode."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, Module, modules, write

FACES = ("portal/merchant", "portal/api")
DOOR = "for_merchant"
_MANAGERS = {"objects", "_default_manager", "_base_manager"}
_SHORTCUTS = {"get_object_or_404", "get_list_or_404", "aget_object_or_404", "aget_list_or_404"}
# Rows of a merchant or connection without regard to the mode.
_ALL_MODES = {"payments", "events", "accounts"}
_OF_ANYBODY = "_of_any_merchant"
_PAST_THE_ORM = {"raw", "extra", "RawSQL", "cursor", "get_model"}


def back_doors(root: Path) -> list[str]:
    return [
        f"{module.path}:{line} {what}"
        for module in modules(root, "portal")
        if module.within(*FACES)
        for line, what in sorted(_back_doors(module))
    ]


def _back_doors(module: Module) -> Iterator[tuple[int, str]]:
    through_the_door = {
        id(node.func.value)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == DOOR
    }
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            if node.attr in _MANAGERS and id(node) not in through_the_door:
                yield node.lineno, ast.unparse(node)
            if node.attr in _ALL_MODES and _name(node.value) in ("merchant", "account"):
                yield node.lineno, ast.unparse(node)
        if isinstance(node, ast.expr) and _name(node).endswith(_OF_ANYBODY):
            yield node.lineno, ast.unparse(node)
        if isinstance(node, ast.Call):
            called = _name(node.func)
            if called in _PAST_THE_ORM:
                yield node.lineno, f"{called}()"
            if called in _SHORTCUTS and node.args and _name(node.args[0])[:1].isupper():
                yield node.lineno, ast.unparse(node)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def test_rows_come_through_the_door() -> None:
    assert back_doors(ROOT) == []


@pytest.mark.parametrize(
    "text",
    [
        "Payment.objects.all()",
        "Payment.objects.filter(merchant=merchant)",
        "models.WebhookEvent.objects.get(public_id=event)",
        "get_object_or_404(Payment, public_id=payment)",
        "rows = Payment._default_manager",
        "PaymentAttempt.objects.filter(payment=payment)",
        "request.merchant.payments.all()",
        "merchant.payments.filter(livemode=livemode)",
        "Payment.objects.for_merchant(merchant, livemode).raw('SELECT 1')",
        "connection.cursor()",
        "found_or_404(load_of_any_merchant, payment)",
        "queries.load_of_any_merchant(payment)",
    ],
)
def test_a_back_door_is_found(tmp_path: Path, text: str) -> None:
    write(tmp_path, "portal/merchant/transactions.py", text)
    assert len(back_doors(tmp_path)) == 1


def test_the_door_itself_is_none(tmp_path: Path) -> None:
    write(tmp_path, "portal/merchant/views.py", "get_object_or_404(Payment.objects.for_merchant(m, True), public_id=p)")
    write(tmp_path, "portal/staff/views.py", "WebhookEvent.objects.all()")
    assert back_doors(tmp_path) == []
