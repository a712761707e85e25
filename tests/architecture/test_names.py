"""Modules are named by what they do. Names that fit anything collect everything."""

from pathlib import Path

import pytest

from tests.architecture.source import ROOT, files, write

FORBIDDEN = {"utils", "util", "helpers", "helper", "services", "service", "common", "core", "misc"}


def nameless(root: Path) -> list[str]:
    return [name for name, _ in files(root) if FORBIDDEN & {part.partition(".")[0].lower() for part in name.split("/")}]


def test_every_file_and_folder_says_what_it_is_for() -> None:
    assert nameless(ROOT) == []


@pytest.mark.parametrize("name", ["billing/utils.py", "portal/core/views.py", "static/js/helpers.js", "tests/misc.py"])
def test_a_name_that_fits_anything_is_found(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, "")
    write(tmp_path, "billing/refunds/issue.py", "")
    assert nameless(tmp_path) == [name]
