"""The mistakes that are planted: each alone, and none that changes nothing."""

import ast

from tests.mutation.operators import mutants

SOURCE = '''
"""A docstring."""
CHECKS = ("SELECT 1 FROM a WHERE b <> c", "words")

def first(rows: list[int], *, least: int = 1) -> int:
    if len(rows) > least and rows:
        note("seen")
        return max(row for row in rows if row)
    raise LookupError
'''


def test_each_is_one_mistake_of_a_kind():
    whats = [mutant.what for mutant in mutants(SOURCE)]
    changed = [what.partition("  ->  ")[2] for what in whats]
    for expected in (
        "CHECKS = ('SELECT 1 FROM a WHERE b = c', 'words')",
        "CHECKS = ('words',)",
        "if len(rows) >= least and rows:",
        "if len(rows) > least or rows:",
        "if False:",
        "if True:",
        "pass",
        "return None",
        "return max((row for row in rows))",
        "return min((row for row in rows if row))",
    ):
        assert expected in changed
    assert len(set(whats)) == len(whats)


def test_texts_and_types_are_left_alone():
    before = ast.unparse(ast.parse(SOURCE))
    for mutant in mutants(SOURCE):
        assert mutant.text != before
        assert '"""A docstring."""' in mutant.text
        assert "rows: list[int]" in mutant.text
        ast.parse(mutant.text)
