"""S9 tries what it says that it tries."""

from django.apps import apps

from portal.database import KEPT
from tests.trust.poison_rows import OUR_OWN, TEXTS, with_texts
from tests.trust.scripted import SHIFTS


def test_every_text_has_its_turn_in_every_column() -> None:
    assert len(TEXTS) == SHIFTS


def test_what_is_left_alone_exists() -> None:
    known = {model._meta.label_lower: {field.name for field in model._meta.fields} for model in apps.get_models()}
    assert [label for label, names in OUR_OWN.items() if not (names or set()) <= known.get(label, {""})] == []
    assert OUR_OWN.keys() <= known.keys()


def test_what_cannot_be_overwritten_is_written_so() -> None:
    assert [model._meta.db_table for model in with_texts() if model._meta.db_table in KEPT] == ["command_batch"]
