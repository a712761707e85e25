"""No amount ever passes through a float, and one module knows how amounts are counted and written."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, Module, files, modules, write

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


# How many decimals a currency has, and how a locale writes a number, is known here and nowhere else.
KNOWS = "billing/money.py"
# Shares and durations are numbers, too, and no money.
WRITES_NUMBERS = (KNOWS, "reports/templatetags/shares.py")
OF_THE_SITE = ("billing", "disputes", "reports", "portal")
_AMOUNT = re.compile(
    r"(?:^|_)(?:amounts?|captured|charged|fees?|gross|minor|net|paid|price|received|refunded|settled|withdrawn)(?:$|_)"
)
_FIELD = re.compile(r"(?:\w+_)?(?:amount|captured|fee|gross|minor|net|refunded|settled|withdrawn)|amount_\w+")
_POWERS = {10, 100, 1000}
# Of a format: what makes more of a number than its digits.
_WRITTEN = {*",_.%eEfFgGn"}
_SHOWN = re.compile(r"\{\{\s*\w+(?:\.\w+)*\.(\w+)[^}]*\}\}")


def other_money(root: Path) -> list[str]:
    """What modules do with amounts that only the one that knows money may do."""
    return [
        f"{module.path}:{line} {what}"
        for module in modules(root, *OF_THE_SITE)
        if module.path != KNOWS
        for line, what in (*_arithmetic(module.tree), *_formats(module.tree), *_borrowed(module))
    ]


def _arithmetic(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(left=ast.Constant(value=10), op=ast.Pow(), right=power) if not _is_number(power):
                yield node.lineno, "a power of ten"
            case ast.Call(func=ast.Attribute(attr="scaleb"), args=[power]) if not _is_number(power):
                yield node.lineno, "a shift of the point"
            case ast.BinOp(left=one, op=ast.Mult() | ast.Div() | ast.FloorDiv() | ast.Mod(), right=other) if (
                _is_power(one) and _tells_an_amount(other)
            ) or (_is_power(other) and _tells_an_amount(one)):
                yield node.lineno, "an amount times or by a power of ten"


def _formats(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            # With a sign or in a width it is still a number of minor units.
            case ast.FormattedValue(value=value, format_spec=ast.JoinedStr() as how) if _tells_an_amount(value):
                if _WRITTEN & {*_text(how)}:
                    yield node.lineno, "an amount in a format of its own"
            case ast.Call(func=ast.Name(id="float" | "round" | "Decimal"), args=[value, *_]) if _tells_an_amount(value):
                yield node.lineno, "an amount as another number"


def _borrowed(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        match node:
            case ast.ImportFrom(module="babel.numbers") if not module.within(*WRITES_NUMBERS):
                yield node.lineno, "Babel's numbers"
            case ast.ImportFrom(module="billing.money", names=names) if "exponent" in {each.name for each in names}:
                yield node.lineno, "the exponents"


def _text(node: ast.JoinedStr) -> str:
    return "".join(part.value for part in node.values if isinstance(part, ast.Constant) and isinstance(part.value, str))


def _is_number(node: ast.expr) -> bool:
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


def _is_power(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in _POWERS


def _tells_an_amount(node: ast.expr) -> bool:
    """Whether this is an amount by its own name: not what is looked up or counted in something of that name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return bool(_AMOUNT.search(name))
        case ast.BinOp(left=left, right=right):
            return _tells_an_amount(left) or _tells_an_amount(right)
        case ast.UnaryOp(operand=operand):
            return _tells_an_amount(operand)
        case ast.Call(func=ast.Name(id="abs" | "int" | "sum" | "max" | "min"), args=[first, *_]):
            return _tells_an_amount(first)
    return False


def bare_amounts(root: Path) -> list[str]:
    """Where a template prints an attribute that is a number of minor units."""
    return [
        f"{name}:{number} {match[0]}"
        for name, path in files(root)
        if name.startswith("templates/") and path.suffix in {".html", ".txt"}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for match in _SHOWN.finditer(line)
        if _FIELD.fullmatch(match[1])
    ]


def test_one_module_knows_how_amounts_are_written() -> None:
    assert other_money(ROOT) == []


@pytest.mark.parametrize(
    "text",
    [
        "from babel.numbers import format_currency",
        "from billing.money import exponent",
        "whole = minor // 100",
        "rest = row.amount % 100",
        "minor = 100 * price",
        "cents = row['amount_refunded'] * 100",
        "units = (amount - fee) / 1000",
        "unit = 10 ** digits",
        "major = Decimal(1).scaleb(-digits)",
        "text = f'{amount:,}'",
        "text = f'{abs(payment.amount):.2f} EUR'",
        "share = float(amount_captured)",
        "major = Decimal(minor)",
        "text = round(fee)",
    ],
)
def test_what_another_module_knows_of_amounts_is_found(tmp_path: Path, text: str) -> None:
    write(tmp_path, "portal/web/page.py", text)
    write(tmp_path, "billing/money.py", text)
    assert len(other_money(tmp_path)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "_LARGEST = 10**15 - 1",
        "percent = done * 100 // all",
        "text = f'{amount}'",
        "text = f'{amount:+} minor units too much'",
        "text = f'{left:.2f}%'",
        "at = index * 100",
        "tenth = Decimal(permille).scaleb(-1)",
    ],
)
def test_what_is_no_arithmetic_with_amounts_is_not_found(tmp_path: Path, text: str) -> None:
    write(tmp_path, "portal/web/page.py", text)
    assert other_money(tmp_path) == []


def test_templates_print_no_minor_units() -> None:
    assert bare_amounts(ROOT) == []


def test_minor_units_in_a_template_are_found(tmp_path: Path) -> None:
    write(tmp_path, "templates/merchant/page.html", "{{ page.payment.amount }}\n{{ line.fee|default:'—' }}")
    write(tmp_path, "templates/merchant/row.html", "{{ amount }}{{ amount.text }}{% money payment.amount code %}")
    assert [found.split()[0] for found in bare_amounts(tmp_path)] == [
        "templates/merchant/page.html:1",
        "templates/merchant/page.html:2",
    ]
