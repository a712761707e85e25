"""What every template must keep: icons that exist, ids that scripts rely on, nothing that the policy refuses."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import loader

from portal.web.nav import FACES, HELP
from reports.status import FAMILY_ICONS

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
STATIC = settings.BASE_DIR / "static"
SPRITE = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons" / "sprite.svg").read_text()))


def name(path):
    return str(path.relative_to(settings.BASE_DIR / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_compiles_and_names_only_icons_that_exist(path):
    loader.get_template(name(path))
    used = set(re.findall(r'{% icon "([\w-]+)"', path.read_text()))
    assert used <= SPRITE


def test_icons_named_in_python_exist():
    for folder in ("reports", "portal"):
        for path in (settings.BASE_DIR / folder).rglob("*.py"):
            named = re.findall(r'icon(?:=|\()"([\w-]+)"', path.read_text())
            assert set(named) <= SPRITE, path


def test_icons_of_places_and_families_exist():
    places = {place.icon for places in (*FACES.values(), HELP) for place in places}
    assert places | set(FAMILY_ICONS.values()) <= SPRITE


@pytest.mark.parametrize("identifier", ["toasts", "dialog", "palette", "announce", "mode-banner", "alerts", "main"])
def test_the_skeleton_has_each_id_once_in_both_frames(identifier):
    folder = settings.BASE_DIR / "templates"
    shared = (folder / "base.html").read_text() + (folder / "components" / "mode_banner.html").read_text()
    for frame in ("shell.html", "identity.html"):
        assert (shared + (folder / frame).read_text()).count(f'id="{identifier}"') == 1


def test_every_text_that_scripts_ask_for_is_prepared():
    prepared = (settings.BASE_DIR / "templates" / "components" / "script_texts.html").read_text()
    for script in (STATIC / "js").glob("*.js"):
        source = script.read_text()
        for text in re.findall(r'portal\.text\("([\w-]+)"\)', source):
            assert f'id="text-{text}"' in prepared, text
        for word in re.findall(r'portal\.word\("([\w-]+)"\)', source):
            if not word.endswith("-"):
                assert f'data-word="{word}"' in prepared, word


def test_scripts_use_nothing_that_the_policy_refuses():
    for script in (STATIC / "js").glob("*.js"):
        source = script.read_text()
        assert not re.search(r"\beval\(|new Function|\.innerHTML|insertAdjacentHTML|\.style\b", source), script.name


def test_vendored_files_are_what_their_authors_published():
    for sums in (STATIC / "vendor").glob("*/SHA256SUMS"):
        for line in sums.read_text().splitlines():
            digest, file = line.split()
            assert hashlib.sha256((sums.parent / file).read_bytes()).hexdigest() == digest


def test_first_load_stays_small():
    names = [
        "vendor/bootstrap-5.3.8/bootstrap.min.css",
        "django_htmx/htmx-2.min.js",
        *(f"css/{path.name}" for path in (STATIC / "css").glob("*.css")),
        *(f"js/{path.name}" for path in (STATIC / "js").glob("*.js")),
    ]
    total = sum(len(gzip.compress(Path(finders.find(file)).read_bytes())) for file in names)
    assert total <= 150_000
