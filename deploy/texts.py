"""Gathers the texts that people see and compiles their translations, without the programs of GNU gettext.

    python -m deploy.texts            brings each .po up to date with the sources, and writes its .mo
    python -m deploy.texts --missing  also lists what has no translation yet

People write ``.po`` files, Django loads ``.mo`` files. Both are kept, so that an installation needs no step for them.
"""

import re
import struct
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("billing", "disputes", "portal", "reports")
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
WIDTH = 116
_HEAD = re.compile(r'\A(?:#[^\n]*\n)*msgid ""\nmsgstr ""\n(?P<lines>(?:"[^\n]*"\n)+)')


def gather(root: Path = ROOT) -> Catalog:
    """Every marked text of the product's Python and templates."""
    found = Catalog(charset="utf-8")
    for source in _sources(root):
        for _line, text, notes, context in extract("python", BytesIO(source.encode()), KEYWORDS, ("Translators:",)):
            found.add(text, auto_comments=notes, context=context)
    return found


def _sources(root: Path) -> Iterator[str]:
    for path in sorted((root / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            marked = templatize(path.read_text(encoding="utf-8"))
            # What is no text becomes filler words; as Python they may not be indented.
            yield "\n".join(line.strip() for line in marked.splitlines())
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.read_text(encoding="utf-8")


def load(text: str) -> Catalog:
    """The content of a .po file."""
    return read_po(BytesIO(text.encode()), abort_invalid=True)


def updated(text: str, gathered: Catalog) -> str:
    """The content of a .po file with what was gathered: texts that are gone leave it, new ones come untranslated."""
    catalog = load(text)
    # Nothing is guessed from texts that look alike.
    catalog.update(gathered, no_fuzzy_matching=True)
    file = BytesIO()
    # In the order of their words, without files or dates: what else changes in the sources changes nothing here.
    write_po(file, catalog, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True, width=WIDTH)
    return f"{_head(text)[0]}\n{file.getvalue().decode()}"


def compiled(text: str) -> bytes:
    """The content of a .mo file for that of a .po file. Texts without a translation are left out."""
    lines = "".join(line.strip('"') for line in _head(text)["lines"].splitlines())
    texts = {b"": lines.replace("\\n", "\n").encode()}
    for message in load(text):
        if message.id and all(strings(message)):
            context = f"{message.context}\x04" if message.context else ""
            texts[(context + "\0".join(_forms(message.id))).encode()] = "\0".join(strings(message)).encode()
    keys = sorted(texts)
    start = 28 + 16 * len(keys)
    tables, content = [b"", b""], b""
    for table, row in enumerate((keys, [texts[key] for key in keys])):
        for each in row:
            tables[table] += struct.pack("<II", len(each), start + len(content))
            content += each + b"\0"
    # Magic number, format 0, how many, where the two tables are, and no hash table: see "The Format of GNU MO Files".
    head = struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, start)
    return head + tables[0] + tables[1] + content


def po_files(root: Path = ROOT) -> list[Path]:
    return sorted((root / "locale").glob("*/LC_MESSAGES/django.po"))


def missing(catalog: Catalog) -> list[Message]:
    """What has no translation, or lacks one of its plural forms."""
    return [message for message in catalog if message.id and not all(strings(message))]


def strings(message: Message) -> tuple[str, ...]:
    """The translation: one text, or one a plural form."""
    return _forms(message.string)


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def _head(text: str) -> re.Match[str]:
    match = _HEAD.match(text)
    if match is None:
        raise ValueError("A .po file begins with its head.")
    return match


def main(arguments: list[str]) -> int:
    gathered = gather()
    for po in po_files():
        text = updated(po.read_text(encoding="utf-8"), gathered)
        po.write_text(text, encoding="utf-8")
        po.with_suffix(".mo").write_bytes(compiled(text))
        untold = missing(load(text))
        print(f"{po.relative_to(ROOT)}: {len(gathered)} texts, {len(untold)} without a translation")
        if untold and "--missing" in arguments:
            print(*(f"  {message.id}" for message in untold), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
