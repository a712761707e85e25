"""Charts: their words, their truth, and nothing that a strict policy would refuse."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from django.template import Context, Template

from reports.render import svg

DAYS = [f"{day} Nov" for day in range(1, 31)]


def column_chart(**changes):
    facts = {
        "title": "Captured volume, EUR per day",
        "summary": "Best day 3 Nov.",
        "steps": DAYS,
        "values": [100 * day for day in range(30)],
        "show": lambda value: f"{value} EUR",
        "name": "This period",
    }
    return svg.ColumnChart(**{**facts, **changes})


def rendered(tag: str, chart) -> str:
    return Template(f"{{% {tag} chart %}}").render(Context({"chart": chart}))


CHARTS = [
    ("column_chart", column_chart(previous=[50] * 30, previous_name="Period before", open_end=True)),
    ("line_chart", svg.LineChart("Success rate, %", "94 %.", DAYS, [94.0] * 29 + [None])),
    ("stacked_bars", svg.Bars("Age", "2 open.", [("Disputes", [1, 0, 1, 3])], ["0–2", "3–10", "11–30", "over 30"])),
    ("diverging_bars", svg.Bars("Risk", "High.", [("Amount", [22]), ("Known card", [-14])])),
]


@pytest.mark.parametrize(("tag", "chart"), CHARTS, ids=[tag for tag, _ in CHARTS])
def test_a_chart_has_title_sentence_and_numbers_as_text(tag, chart):
    html = rendered(tag, chart)
    assert f"<figcaption>{chart.title}</figcaption>" in html
    assert f"<p>{chart.summary}</p>" in html
    assert "<caption" in html
    if tag != "diverging_bars":
        assert "<details><summary>Show as table</summary>" in html


@pytest.mark.parametrize(("tag", "chart"), CHARTS, ids=[tag for tag, _ in CHARTS])
def test_drawings_are_well_formed_named_and_free_of_inline_style(tag, chart):
    html = rendered(tag, chart)
    assert "style=" not in html
    assert "<script" not in html
    for drawing in re.findall(r'<svg role="img".*?</svg>(?=</td>|\s*<p>)', html, re.DOTALL):
        root = ElementTree.fromstring(drawing)
        assert root.findtext("{http://www.w3.org/2000/svg}title")


def heights(drawing: str) -> list[float]:
    return [float(height) for height in re.findall(r'<rect [^>]*height="([\d.]+)"', drawing)]


def test_columns_start_at_zero_and_are_in_proportion():
    tall = heights(svg.columns(column_chart(steps=["a", "b", "c"], values=[0, 500, 1000])))
    assert tall == [0, 500, 1000]


def test_a_small_column_beside_a_giant_stays_visible():
    tall = heights(svg.columns(column_chart(steps=["a", "b"], values=[1, 10_000_000])))
    assert tall[0] == 4


def test_a_day_that_is_not_over_is_an_outline():
    drawing = svg.columns(column_chart(open_end=True))
    assert drawing.count('fill="none" stroke="currentColor"') == 1


def test_nothing_at_all_is_still_a_chart():
    assert "<svg" in svg.columns(column_chart(steps=[], values=[]))
    assert "<svg" in svg.columns(column_chart(values=[0] * 30))
    assert "<svg" in svg.line(svg.LineChart("Rate", "None.", [], []))


@pytest.mark.parametrize(
    ("highest", "step"),
    [(1, 1), (3, 1), (4, 2), (6, 2), (12, 5), (30, 10), (31, 20), (100, 50), (2_300_000, 1_000_000)],
)
def test_axis_lines_stand_at_round_numbers(highest, step):
    assert svg.nice_step(highest) == step


def test_the_line_is_cut_where_nothing_is_known():
    drawing = svg.line(svg.LineChart("Rate", ".", ["a", "b", "c", "d"], [90, None, 80, 70]))
    assert drawing.count("<polyline") == 2


def test_the_rate_axis_is_never_truncated():
    drawing = svg.line(svg.LineChart("Rate", ".", ["a", "b"], [98, 99]))
    assert ">100</text>" in drawing
    assert ">0</text>" in drawing


def test_words_of_strangers_are_escaped():
    html = rendered("diverging_bars", svg.Bars("<b>", "<i>", [("<script>", [1])]))
    assert "<script>" not in html
    assert "<b>" not in html


def test_a_lowering_signal_points_left_with_its_number_beside():
    html = rendered("diverging_bars", svg.Bars("Risk", ".", [("Up", [10]), ("Down", [-10])]))
    assert re.findall(r'<rect class="cf-series-(\d)"[^>]*x="([\d.]+)%"', html) == [("2", "50.00"), ("1", "2.00")]
    assert "+10" in html
    assert "−10" in html


def test_labels_never_crowd_the_last_one():
    for count in range(6, 120):
        shown = svg.labelled_steps(count)
        gaps = [after - before for before, after in pairwise(shown)]
        assert shown[-1] == count - 1
        assert len(shown) <= 5
        assert min(gaps) >= count // 10, count
