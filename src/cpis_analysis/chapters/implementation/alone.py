"""Teams that did something of their own beside all others: shares in bands, because counts would tell about people."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from cpis_analysis.chapters.implementation.content import singled_trusts
from cpis_analysis.chapters.page import Page
from cpis_analysis.plan.schema_report import SingledOut
from cpis_analysis.publish.blocks import ChartRow, RowChart
from cpis_analysis.publish.chart.drawing_marks import Box, Drawing, Mark, Stroke, Words
from cpis_analysis.publish.chart.pieces import row
from cpis_analysis.publish.format import capital, count, number
from cpis_analysis.publish.sources.sourced_columns import rows_of
from cpis_analysis.study.singled_out import OTHERS, SINGLED
from cpis_analysis.words.shares import band_words
from cpis_analysis.words.wording import in_words, listed, plural

_GAP = 0.4
"""Per cent of the width between bands."""


def _rows(page: Page) -> dict[tuple[str, str], dict[str, Any]]:
    frame = page.summary("singled_out")
    return {(str(row["arm"]), str(row["part"])): row for row in rows_of(frame)} if len(frame) else {}


def alone_answer(page: Page) -> str:
    """How the teams' band compares with that of their counterparts, without a full stop."""
    done, rows = page.content.plan.report.implementation, _rows(page)
    single, arms = done.singled_out, _arms(page)
    if single is None or not rows or len(arms) != 2:
        return ""
    first, last = (rows[arm, SINGLED]["low"] for arm in arms)
    what = done.supported_phrase or f"said yes to “{page.labels.variable(done.supported or '')}”"
    if first == last:
        return f"As large a share {what} in {single.label} as in its counterpart"
    return f"A {'larger' if last > first else 'smaller'} share {what} in {single.label}"


def alone_chart(page: Page) -> RowChart | None:
    """The bands of the teams and of all others; None where they may not be told."""
    done, rows, labels = page.content.plan.report.implementation, _rows(page), page.labels
    single, trusts = done.singled_out, singled_trusts(page)
    if single is None or not rows or done.supported is None:
        return None
    arms = _arms(page)
    ends = sorted(
        {float(row[end]) for row in rows.values() for end in ("low", "high")} | {0.0, 1.0} | set(single.bands)
    )
    halves = any(float(row[end]) == 0.5 for row in rows.values() for end in ("low", "high")) and 0.5 not in single.bands
    ends = [0.0, 0.5, 1.0] if halves else ends
    chart: list[ChartRow] = [ChartRow(_heading(page, trusts, single), group=True)]
    chart += [_band(page, rows[arm, SINGLED], arm, ends, labels.arm(arm)) for arm in reversed(arms)]
    chart.append(ChartRow(_others(page, trusts), group=True))
    chart += [_band(page, rows[arm, OTHERS], arm, ends, labels.arm(arm)) for arm in reversed(arms)]
    title = alone_answer(page) or f"{capital(single.label)} beside the others, in bands"
    return RowChart(
        "figure-alone",
        page.chart_number(),
        title,
        f"“{labels.variable(done.supported)}”, {page.words.followup}; shares in bands",
        tuple(chart),
        _axis(ends),
        ("", "Band of the share", ""),
        note=page.chart_note(
            f"Bands, because counts would tell about few {page.labels.people}: given all that is printed, each hidden "
            "count has at least three possible values. Few teams differ in more than one thing, so nothing is tested."
        ),
    )


def _axis(ends: list[float]) -> Drawing:
    """Where the bands part."""
    marks: list[Mark] = [Stroke(0.0, 100.0, 0.0, 0.0, "axis")]
    for end in ends:
        anchor = "start" if end == 0 else "end" if end == 1 else "middle"
        marks.append(Stroke(100 * end, 100 * end, 0.0, 0.4, "axis"))
        marks.append(Words(100 * end, 1.4, f"{count(100 * end)}%", "words-soft", "small", anchor, scale=True))
    return Drawing(tuple(marks), 1.8)


def _others(page: Page, trusts: list[str]) -> str:
    """ "The other four trusts together"."""
    cells = page.content.design_audit.get("cells", [])
    n = len({str(cell["trust"]) for cell in cells} - set(trusts))
    if n == 1:
        return f"The other {page.words.trust}"
    return f"The other {in_words(n) if n <= 10 else ''} {plural(page.words.trust)} together".replace("  ", " ")


def _arms(page: Page) -> list[str]:
    seen = {arm for arm, _ in _rows(page)}
    return [arm for arm in page.labels.arms() if arm in seen]


def _heading(page: Page, trusts: list[str], single: SingledOut) -> str:
    places = listed(page.labels.trust_heading(trust) for trust in trusts)
    return f"{places}, with {single.label}"


def _band(page: Page, own: dict[str, Any], arm: str, ends: list[float], label: str) -> ChartRow:
    low, high = float(own["low"]), float(own["high"])
    look = "bar-comp" if page.labels.arms().index(arm) == 0 else "bar-impl"
    marks: list[Mark] = [
        Box(
            100 * first + _GAP,
            100 * (last - first) - 2 * _GAP,
            -0.5,
            1.0,
            look if (first, last) == (low, high) else "rest",
        )
        for first, last in pairwise(ends)
    ]
    text = band_words(_tenths(own["low"]), _tenths(own["high"]), low == 0.0, high == 1.0)
    return ChartRow(label, text, row(tuple(marks)))


def _tenths(share: Any) -> str:
    tenths = 10 * share
    return number(tenths, 0 if abs(float(tenths) - round(float(tenths))) < 1e-9 else 1)
