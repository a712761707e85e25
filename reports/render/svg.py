"""Charts as inline SVG with presentation attributes only: a strict policy allows them, and documents use the same.

Marks take the colour of their class (tokens.css) and the palette's own colour where no stylesheet is at hand.
Widths are percentages, so that words keep their size on a phone; lines and columns live in stretched inner drawings.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

PALETTE = {1: "#0072b2", 2: "#d55e00", 3: "#009e73", 4: "#cc79a7"}
_INK = "#566072"
_HAIRLINE = "#d9dde3"
_FILLED = mark_safe(' fill-opacity="0.8"')
_OUTLINED = mark_safe(' stroke="currentColor" stroke-width="1.5" vector-effect="non-scaling-stroke"')
_NOTHING = mark_safe("")
# The inner drawing is stretched from this square to whatever room there is.
_SPAN = 1000
# Percent of the width left to the axis' numbers.
_GUTTER = 9


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """A number per day or other step. ``previous`` are the same steps of the period before.

    ``show`` writes a number for people, ``show_axis`` may be shorter. ``open_end``: the last step is not over yet.
    """

    title: str
    summary: str
    steps: Sequence[str]
    values: Sequence[int]
    show: Callable[[int], str]
    name: str = ""
    previous: Sequence[int] = ()
    previous_name: str = ""
    show_axis: Callable[[int], str] | None = None
    open_end: bool = False


@dataclass(frozen=True, slots=True)
class LineChart:
    """A share per step in percent, on an axis from 0 to 100; None leaves a gap. ``mark`` is the step at which
    ``mark_text`` stands."""

    title: str
    summary: str
    steps: Sequence[str]
    values: Sequence[float | None]
    name: str = ""
    mark: int | None = None
    mark_text: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar a row. In a stacked chart each row has a number per name; in a diverging one a single signed number."""

    title: str
    summary: str
    rows: Sequence[tuple[str, Sequence[int]]]
    names: Sequence[str] = ()


def nice_step(highest: int) -> int:
    """The distance between lines of a whole-number axis: 1, 2 or 5 times a power of ten, at most three above zero."""
    power = 1
    while 10 * power * 3 < highest:
        power *= 10
    return next(step for step in (power, 2 * power, 5 * power, 10 * power) if 3 * step >= highest)


def columns(chart: ColumnChart, *, height: int = 168, words: bool = True) -> SafeString:
    """Columns from zero, never truncated, with the period before as a thin line on a halo of the background.

    Without ``words`` another block below names the steps.
    """
    top = max([*chart.values, *chart.previous, 1])
    count = max(len(chart.values), 1)
    slot = _SPAN / count
    # On a few columns a gap of a fifth looks right, on ninety it would swallow them.
    gap = slot * (0.2 if count > 30 else 0.3)
    marks = format_html_join("", "{}", ((_column(chart, i, slot, gap, top),) for i in range(len(chart.values))))
    if chart.previous:
        points = _points(chart.previous, slot, top)
        marks += _polyline("cf-halo", "#ffffff", points, 3.5) + _polyline("cf-line-ink", "#1b2430", points, 1.25)
    label = chart.show_axis or chart.show
    ticks = [(value, label(value)) for value in range(0, top + 1, nice_step(top))]
    return _axes(chart.title, ticks, top, chart.steps, marks, height, words=words)


def line(chart: LineChart, *, height: int = 96) -> SafeString:
    """A line from 0 to 100 percent."""
    slot = _SPAN / max(len(chart.values), 1)
    runs = _runs(chart.values, slot)
    marks = format_html_join("", "{}", ((_polyline("cf-series-3", PALETTE[3], run, 1.75),) for run in runs))
    ticks = [(100, "100"), (50, "50"), (0, "0")]
    return _axes(chart.title, ticks, 100, chart.steps, marks, height, over=_mark(chart, height))


def stacked_bar(values: Sequence[int], names: Sequence[str], scale: int) -> SafeString:
    """One bar of a stacked chart. ``scale`` is the longest row's sum. One hue from light to full, outlined."""
    strengths = (0.15, 0.5, 1.0, 1.0)
    parts, start = [], 0.0
    for index, value in enumerate(values):
        width = 100 * value / max(scale, 1)
        series = 2 if index == 3 else 1
        parts.append(
            (series, PALETTE[series], f"{start:.2f}", f"{width:.2f}", strengths[min(index, 3)], names[index], value)
        )
        start += width
    body = format_html_join(
        "",
        '<rect class="cf-series-{}" color="{}" x="{}%" y="3" width="{}%" height="12" fill="currentColor" '
        'fill-opacity="{}" stroke="currentColor" stroke-width="1"><title>{}: {}</title></rect>',
        (part for part in parts if part[6]),
    )
    return _drawing(", ".join(f"{name} {value}" for name, value in zip(names, values, strict=True)), 18, body)


def diverging_bar(value: int, scale: int, name: str) -> SafeString:
    """One bar from the zero line: to the right it raises (vermillion), to the left it lowers (blue)."""
    width = 48 * abs(value) / max(scale, 1)
    series = 2 if value > 0 else 1
    body = format_html(
        '<rect class="cf-series-{}" color="{}" x="{}%" y="4" width="{}%" height="10" fill="currentColor"/>'
        '<line class="cf-ink" color="{}" x1="50%" x2="50%" y1="0" y2="18" stroke="currentColor" stroke-width="1"/>',
        series,
        PALETTE[series],
        f"{50 if value > 0 else 50 - width:.2f}",
        f"{width:.2f}",
        _INK,
    )
    return _drawing(f"{name}: {value:+d}", 18, body)


def _mark(chart: LineChart, height: int) -> SafeString:
    """A dot on the line and its words below it, on the side that has more room."""
    value = chart.values[chart.mark] if chart.mark is not None else None
    if chart.mark is None or value is None:
        return _NOTHING
    plot = height - 32
    across = _GUTTER + (100 - _GUTTER) * (chart.mark + 0.5) / len(chart.steps)
    down = 8 + plot - plot * value / 100
    to_the_right = across < 60
    return format_html(
        '<circle class="cf-series-2" color="{}" cx="{}%" cy="{}" r="3" fill="currentColor"/>'
        '<text class="cf-line-ink cf-mark-text" color="#1b2430" x="{}%" y="{}" text-anchor="{}" font-size="12" '
        'fill="currentColor">{}</text>',
        PALETTE[2],
        f"{across:.2f}",
        f"{down:.1f}",
        f"{across + (1.2 if to_the_right else -1.2):.2f}",
        f"{min(down + 16, height - 28):.1f}",
        "start" if to_the_right else "end",
        chart.mark_text,
    )


def _column(chart: ColumnChart, index: int, slot: float, gap: float, top: int) -> SafeString:
    value = chart.values[index]
    # A column that is not zero stays visible however tall its neighbours are.
    tall = max(_SPAN * value / top, 4.0) if value > 0 else 0.0
    unfinished = chart.open_end and index == len(chart.values) - 1
    return format_html(
        '<rect class="cf-series-1" color="#0072b2" x="{}" y="{}" width="{}" height="{}" fill="{}"{}>'
        "<title>{}: {}</title></rect>",
        f"{index * slot + gap / 2:.2f}",
        f"{_SPAN - tall:.2f}",
        f"{slot - gap:.2f}",
        f"{tall:.2f}",
        "none" if unfinished else "currentColor",
        _OUTLINED if unfinished else _FILLED,
        chart.steps[index],
        chart.show(value),
    )


def _polyline(name: str, color: str, points: str, width: float) -> SafeString:
    return format_html(
        '<polyline class="{}" color="{}" points="{}" fill="none" stroke="currentColor" stroke-width="{}" '
        'stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"/>',
        name,
        color,
        points,
        width,
    )


def _points(values: Sequence[float], slot: float, top: float, first: int = 0) -> str:
    return " ".join(
        f"{(first + i) * slot + slot / 2:.2f},{_SPAN - _SPAN * value / top:.2f}" for i, value in enumerate(values)
    )


def _runs(values: Sequence[float | None], slot: float) -> list[str]:
    """The line's points, cut where a step has no value."""
    runs: list[str] = []
    start: int | None = None
    for index, value in enumerate([*values, None]):
        if value is not None and start is None:
            start = index
        elif value is None and start is not None:
            run = [known for known in values[start:index] if known is not None]
            runs.append(_points(run * 2 if len(run) == 1 else run, slot, 100, start))
            start = None
    return runs


def _axes(
    title: str,
    ticks: list[tuple[int, str]],
    top: int,
    steps: Sequence[str],
    marks: SafeString,
    height: int,
    *,
    words: bool = True,
    over: SafeString = _NOTHING,
) -> SafeString:
    plot = height - (32 if words else 16)
    lines = format_html_join(
        "",
        '<line class="cf-grid-ink" color="{}" x1="{}%" x2="100%" y1="{}" y2="{}" stroke="currentColor"/>'
        '<text class="cf-ink" color="{}" x="{}%" y="{}" text-anchor="end" font-size="12" fill="currentColor">{}</text>',
        (
            (_HAIRLINE, _GUTTER, y := 8 + round(plot - plot * value / top), y, _INK, _GUTTER - 1.5, y + 4, text)
            for value, text in ticks
        ),
    )
    shown = labelled_steps(len(steps)) if words else []
    names = format_html_join(
        "",
        '<text class="cf-ink" color="{}" x="{}%" y="{}" text-anchor="{}" font-size="12" fill="currentColor">{}</text>',
        (
            (
                _INK,
                f"{_GUTTER + (100 - _GUTTER) * (i + 0.5) / len(steps):.2f}",
                height - 4,
                "end" if i == len(steps) - 1 and len(steps) > 12 else "middle",
                steps[i],
            )
            for i in shown
        ),
    )
    inner = format_html(
        '<svg x="{}%" y="8" width="{}%" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" overflow="visible">'
        "{}</svg>",
        _GUTTER,
        100 - _GUTTER,
        plot,
        _SPAN,
        _SPAN,
        marks,
    )
    return _drawing(title, height, lines + inner + names + over)


def labelled_steps(count: int) -> list[int]:
    """Which steps get a word: the last one always, at most five in all."""
    if count <= 5:
        return list(range(count))
    stride = -(-count // 4)
    # A word needs room: none stands closer to the last one than the others to each other.
    return [*range(stride // 2, count - 1 - stride // 2, stride), count - 1]


def _drawing(title: str, height: int, body: SafeString) -> SafeString:
    # Time runs from left to right on every page: figures are compared with those of colleagues in other languages.
    return format_html(
        '<svg role="img" direction="ltr" width="100%" height="{}" xmlns="http://www.w3.org/2000/svg"><title>{}</title>{}</svg>',
        height,
        title,
        body,
    )
