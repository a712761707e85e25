"""Colours keep the contrast that the design promises, in both themes."""

import re

import pytest
from django.conf import settings

TOKENS = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
_DARK = TOKENS.index("@media screen and (prefers-color-scheme: dark)")
_CHOSEN = TOKENS.index("@media screen {\n")
_TWINS = TOKENS.index("/* Bootstrap reads")


def palette(text: str) -> dict[str, str]:
    return dict(re.findall(r"--cf-([\w-]+): (#[0-9a-f]{6});", text))


THEMES = {"light": palette(TOKENS[:_DARK]), "dark": palette(TOKENS[_DARK:_CHOSEN])}
PAIRS = [
    ("text", "bg", 7.0),
    ("text", "bg-subtle", 7.0),
    ("text-muted", "bg", 4.5),
    ("text-muted", "bg-subtle", 4.5),
    ("text-muted", "bg-active", 4.5),
    ("text-muted", "bg-selected", 4.5),
    ("accent", "bg", 4.5),
    ("accent", "bg-subtle", 4.5),
    ("primary-fg", "primary-bg", 4.5),
    ("primary-fg", "primary-hover", 4.5),
    ("danger-fg", "danger-bg", 4.5),
    ("danger-text", "bg", 4.5),
    ("border", "bg", 3.0),
    ("border", "bg-subtle", 3.0),
    ("chart-1", "bg", 3.0),
    ("chart-2", "bg", 3.0),
    ("chart-3", "bg", 3.0),
    ("chart-4", "bg", 3.0),
    *((f"st-{family}-fg", f"st-{family}-bg", 7.0) for family in ["neutral", "info", "ok", "warn", "danger", "special"]),
]


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_contrast(theme, front, back, least):
    colours = THEMES[theme]
    assert contrast(colours[front], colours[back]) >= least


def test_the_chosen_dark_theme_is_the_systems_dark_theme():
    assert palette(TOKENS[_CHOSEN:_TWINS]) == THEMES["dark"]


def test_dark_redefines_every_colour_but_none_is_new():
    assert set(THEMES["light"]) == set(THEMES["dark"])


@pytest.mark.parametrize("theme", THEMES)
def test_bootstraps_rgb_twins_are_the_same_colours(theme):
    block = TOKENS[:_DARK] if theme == "light" else TOKENS[_DARK:_CHOSEN]
    twins = dict(re.findall(r"--bs-([\w-]+)-rgb: ([\d, ]+);", block))
    names = {"body-bg": "bg", "body-color": "text", "link-color": "accent", "secondary-color": "text-muted"}
    for twin, name in names.items():
        colour = THEMES[theme][name]
        assert twins[twin] == ", ".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
