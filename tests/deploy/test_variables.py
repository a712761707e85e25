"""Every variable that the code reads is in .env.example, and .env.example names no other."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = ("billing", "disputes", "reports", "portal")
# Read by other programs than ours, or set by ourselves for our own processes.
OTHERS = {"DJANGO_SETTINGS_MODULE", "PYTEST_XDIST_WORKER", "COUNTERFOIL_TESTS"}
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "COUNTERFOIL_DATABASE_PASSWORD", "COUNTERFOIL_OWNER_PASSWORD"}


def variables_read(folders: tuple[str, ...]) -> set[str]:
    """Names in env("X"), env.int("X"), os.environ["X"], os.environ.get("X") and `"X" in os.environ`."""
    found = set()
    for folder in folders:
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                found |= names_in(node)
    return found - OTHERS


def names_in(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Call) and node.args and re.fullmatch(r"(env|os\.environ)(\.\w+)?", ast.unparse(node.func)):
        candidate: ast.AST = node.args[0]
    elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
        candidate = node.slice
    elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[0]) in ("os.environ", "found"):
        candidate = node.left
    else:
        return set()
    named = isinstance(candidate, ast.Constant) and isinstance(candidate.value, str)
    return {candidate.value} if named and re.fullmatch("[A-Z][A-Z_]+", candidate.value) else set()


def variables_explained() -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_the_reader_of_variables_finds_all_ways_of_reading():
    code = 'env("A_A"); env.int("B_B", 3); os.environ["C_C"]; os.environ.get("D_D"); "E_E" in os.environ; other("F_F")'
    found = set().union(*(names_in(node) for node in ast.walk(ast.parse(code))))
    assert found == {"A_A", "B_B", "C_C", "D_D", "E_E"}


def test_every_variable_that_the_product_reads_is_explained():
    read = variables_read(PRODUCT)
    assert len(read) > 20
    assert read - variables_explained() == set()


def test_every_variable_that_is_explained_is_read():
    everything = variables_read((*PRODUCT, "tests", "benchmarks")) | COMPOSE_ONLY
    everything |= set(re.findall(r"COUNTERFOIL_CORPORA", (ROOT / ".ci/run").read_text()))
    assert variables_explained() - everything == set()


def test_compose_only_variables_are_read_by_compose():
    compose = (ROOT / "docker-compose.yml").read_text()
    assert {name for name in COMPOSE_ONLY if f"${{{name}:?" not in compose} == set()


def test_each_variable_has_its_comment():
    comment = ""
    for line in (ROOT / ".env.example").read_text().splitlines():
        if re.match(r"#?[A-Z][A-Z0-9_]+=", line):
            assert comment, f"{line} has no comment above"
        else:
            comment = line if line.startswith("# ") and not line.startswith("# ---") else ""
