"""Documents speak of files, commands and settings that exist, and leave none out."""

import re
from pathlib import Path

from tests.architecture.source import PRODUCT, ROOT, files, modules, write

_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)|<img src=\"([^\"]+)\"")
_NAMES = "COUNTERFOIL_[A-Z_]+|SECRET_KEY|DATABASE_URL|DATABASE_OWNER_URL|REDIS_URL|EMAIL_URL|ALLOWED_HOSTS|PORT"
_VARIABLE = re.compile(rf"\b(?:{_NAMES})\b")
_READ = re.compile(rf"[\"']({_NAMES})[\"']")
_SECTIONS = ("**Context.**", "**Decision.**", "**Consequences.**")
# One screen.
LONGEST_DECISION = 45


def dead_links(root: Path) -> list[str]:
    found = []
    for name, path in files(root):
        if path.suffix == ".md":
            for link in _LINK.findall(path.read_text(encoding="utf-8")):
                target = link[0] or link[1]
                if "://" not in target and not (path.parent / target).exists():
                    found.append(f"{name}: {target}")
    return found


def malformed_decisions(root: Path) -> list[str]:
    found = []
    decisions = sorted((root / "docs/adr").glob("[0-9]*.md"))
    index = (root / "docs/adr/README.md").read_text(encoding="utf-8")
    for number, path in enumerate(decisions, start=1):
        text = path.read_text(encoding="utf-8")
        places = [text.find(section) for section in _SECTIONS]
        if not text.startswith(f"# {number:04} ") or not path.name.startswith(f"{number:04}-"):
            found.append(f"{path.name}: is not number {number:04}")
        if -1 in places or places != sorted(places):
            found.append(f"{path.name}: has no {', '.join(_SECTIONS)}")
        if len(text.splitlines()) > LONGEST_DECISION:
            found.append(f"{path.name}: is longer than a screen")
        if f"({path.name})" not in index:
            found.append(f"{path.name}: is not in the index")
    return found


def test_links_lead_somewhere() -> None:
    assert dead_links(ROOT) == []


def test_decisions_have_their_form() -> None:
    assert malformed_decisions(ROOT) == []


def test_the_changelog_keeps_its_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", heading) for heading in headings[1:])
    kinds = set(re.findall(r"^### (.*)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_every_command_is_described() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `([a-z_]+)[ `]", text, re.MULTILINE))
    commands = {path.stem for path in (ROOT / "portal/management/commands").glob("[a-z]*.py")}
    assert described & commands == commands


def test_every_setting_is_described() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    read = {name for module in modules(ROOT, *PRODUCT) for name in _READ.findall(module.text)}
    # What the launcher and the tests tell their own processes.
    own = {
        *("COUNTERFOIL_CLOCK_OFFSET_FILE", "COUNTERFOIL_LAUNCHED_FROM"),
        *("COUNTERFOIL_BROWSER", "COUNTERFOIL_CORPORA", "COUNTERFOIL_TESTS"),
    }
    described = set(_VARIABLE.findall(text))
    assert sorted(read - described - own) == []
    assert sorted(described - read) == []


def test_a_dead_link_and_a_malformed_decision_are_found(tmp_path: Path) -> None:
    write(tmp_path, "README.md", "[docs](docs/adr/README.md) [gone](docs/gone.md) ![x](docs/x.png)")
    write(tmp_path, "docs/adr/README.md", "[0001](0001-fine.md)")
    fine = "# 0001 Fine\n" + "\n".join(_SECTIONS)
    write(tmp_path, "docs/adr/0001-fine.md", fine)
    assert dead_links(tmp_path) == ["README.md: docs/gone.md", "README.md: docs/x.png"]
    assert malformed_decisions(tmp_path) == []
    write(tmp_path, "docs/adr/0003-odd.md", "# 0003 Odd\n" + "line\n" * LONGEST_DECISION)
    assert len(malformed_decisions(tmp_path)) == 4
