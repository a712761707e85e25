"""Charts with their words: title, drawing, one sentence, and the same numbers as a table."""

from collections.abc import Sequence
from typing import Any

from django import template

from reports.render import svg
from reports.templatetags.shares import percent, tenths

register = template.Library()

_TEMPLATE = "components/chart.html"


@register.inclusion_tag(_TEMPLATE)
def column_chart(chart: svg.ColumnChart) -> dict[str, Any]:
    """``{% column_chart volume %}`` with a reports.render.svg.ColumnChart."""
    before = [chart.show(value) for value in chart.previous]
    rows = [
        (step, chart.show(value), before[index] if index < len(before) else "")
        for index, (step, value) in enumerate(zip(chart.steps, chart.values, strict=True))
    ]
    return {
        "chart": chart,
        "drawing": svg.columns(chart),
        "heads": [chart.name or chart.title, chart.previous_name] if before else [chart.name or chart.title],
        "rows": [row if before else row[:2] for row in rows],
        "legend": before and chart.name,
    }


@register.inclusion_tag(_TEMPLATE)
def line_chart(chart: svg.LineChart) -> dict[str, Any]:
    """``{% line_chart success %}`` with a reports.render.svg.LineChart."""
    rows = [
        (step, "—" if value is None else percent(value)) for step, value in zip(chart.steps, chart.values, strict=True)
    ]
    return {"chart": chart, "drawing": svg.line(chart), "heads": [chart.name or chart.title], "rows": rows}


@register.inclusion_tag("components/chart_pair.html")
def columns_over_line(columns: svg.ColumnChart, line: svg.LineChart, links: Sequence[str] = ()) -> dict[str, Any]:
    """``{% columns_over_line volume success links %}``: two blocks on the same steps, never two axes in one, and one
    table. ``links`` lead to what a step is made of."""
    steps = zip(columns.steps, columns.values, columns.previous, line.values, links or columns.steps, strict=True)
    rows = [
        (step, columns.show(value), columns.show(before), _share(share), link if links else "")
        for step, value, before, share, link in steps
    ]
    heads = [columns.name, columns.previous_name, line.title]
    above, below = svg.columns(columns, words=False), svg.line(line)
    return {"columns": columns, "line": line, "above": above, "below": below, "heads": heads, "rows": rows}


def _share(value: float | None) -> str:
    return "—" if value is None else tenths(value)


@register.inclusion_tag("components/chart_rows.html")
def stacked_bars(chart: svg.Bars) -> dict[str, Any]:
    """``{% stacked_bars ageing %}``: one table whose rows carry their bar, on one scale."""
    scale = max((sum(values) for _, values in chart.rows), default=0)
    rows = [(name, svg.stacked_bar(values, chart.names, scale), sum(values)) for name, values in chart.rows]
    heads = [*chart.names]
    table = [(name, *values) for name, values in chart.rows]
    return {"chart": chart, "rows": rows, "heads": heads, "table": table}


@register.inclusion_tag("components/chart_rows.html")
def diverging_bars(chart: svg.Bars) -> dict[str, Any]:
    """``{% diverging_bars risk %}``: signed numbers from one zero line; the number always stands beside its bar."""
    scale = max((abs(values[0]) for _, values in chart.rows), default=0)
    rows = [
        (name, svg.diverging_bar(values[0], scale, name), f"{values[0]:+d}".replace("-", "\u2212"))
        for name, values in chart.rows
    ]
    return {"chart": chart, "rows": rows, "heads": [], "table": []}
