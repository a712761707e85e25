"""A mistake in the product, for as long as a process lives."""

import importlib

from portal.embedded.programs import ROOT
from tests.mutation.plant import transplant


def plant(*, file: str, old: str, new: str) -> None:
    """Puts ``new`` where a module says ``old``, which it must say once."""
    source = (ROOT / file).read_text()
    if source.count(old) != 1:
        raise ValueError(f"{file} has {source.count(old)} of {old!r}")
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    transplant(module, source.replace(old, new))
