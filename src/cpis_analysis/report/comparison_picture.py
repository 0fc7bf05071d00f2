"""Estimates before and after, as a drawing of the page that compares two runs."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

from cpis_analysis.publish.format import number
from cpis_analysis.report.run_comparison import contrast_name
from cpis_analysis.runs.compare import AnalysisChange, Comparison

MOST = 30
"""Most rows of the drawing."""
_WIDTH, _NAMES, _ROW, _TOP = 720.0, 230.0, 30.0, 10.0


def comparison_picture(moved: Sequence[AnalysisChange], found: Comparison) -> Markup:
    """Draw before and after of each analysis on the scale of its earlier standard error.

    Parameters
    ----------
    moved : sequence of AnalysisChange
        Those whose estimate moved, in the order in which they are shown.
    found : Comparison

    Returns
    -------
    Markup
        An SVG element with a title and a description; empty where nothing can be drawn.
    """
    rows = [change for change in moved if change.in_se is not None and change.before and change.before["se"]][:MOST]
    if not rows:
        return Markup("")
    scaled = [_scaled(change) for change in rows]
    ends = [abs(value) for row in scaled for value in row if value is not None]
    reach = max(3.0, *ends)
    bottom = _TOP + _ROW * len(rows)
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000, 10_000_000) if reach / step <= 5)
    ticks = [at * step for at in range(-int(reach // step), int(reach // step) + 1)]
    parts = [
        f'<line class="{"zero" if not tick else "grid"}" x1="{_x(tick, reach):.1f}" x2="{_x(tick, reach):.1f}" '
        f'y1="{_TOP:.0f}" y2="{bottom:.0f}"/><text x="{_x(tick, reach):.1f}" y="{bottom + 16:.0f}" '
        f'text-anchor="middle">{number(tick, 0, sign=True) if tick else "0"}</text>'
        for tick in ticks
    ]
    parts.append(
        f'<text x="{(_NAMES + _WIDTH) / 2:.0f}" y="{bottom + 34:.0f}" text-anchor="middle">Standard errors of '
        "the earlier run, from the earlier estimate</text>"
    )
    for place, (change, row) in enumerate(zip(rows, scaled, strict=True)):
        parts += _row(contrast_name(found, change), row, _TOP + _ROW * (place + 0.5), reach)
    said = "; ".join(f"{contrast_name(found, change)} {number(change.in_se, 2, sign=True)}" for change in rows)
    return Markup(
        f'<svg viewBox="0 0 {_WIDTH:.0f} {bottom + 42:.0f}" role="img" aria-labelledby="shift-title shift-desc">'
        '<title id="shift-title">Estimates before and after</title><desc id="shift-desc">Shifts in standard errors of '
        f"the earlier run: {escape(said)}.</desc>{''.join(parts)}</svg>"
    )


def _scaled(change: AnalysisChange) -> list[float | None]:
    """Interval before and after, estimate after, and zero, in earlier standard errors from the earlier estimate."""
    before, after = change.before or {}, change.after or {}
    values = [before["ci_low"], before["ci_high"], after["ci_low"], after["ci_high"], after["estimate"], 0.0]
    return [None if value is None else (value - before["estimate"]) / before["se"] for value in values]


def _x(value: float, reach: float) -> float:
    return _NAMES + (_WIDTH - _NAMES) / 2 * (1 + 0.96 * value / reach)


def _row(name: str, row: Sequence[float | None], y: float, reach: float) -> list[str]:
    low, high, new_low, new_high, new, zero = row
    shown = name if len(name) <= 34 else name[:33] + "…"
    parts = [f'<text x="{_NAMES - 10:.0f}" y="{y + 4:.1f}" text-anchor="end">{escape(shown)}</text>']
    for kind, dy, ends, middle in (("before", -5, (low, high), 0.0), ("after", 5, (new_low, new_high), new)):
        if None not in ends:
            first, last = (_x(float(end or 0.0), reach) for end in ends)
            parts.append(f'<line class="{kind}" x1="{first:.1f}" x2="{last:.1f}" y1="{y + dy:.1f}" y2="{y + dy:.1f}"/>')
        if middle is not None:
            parts.append(f'<circle class="{kind}" cx="{_x(middle, reach):.1f}" cy="{y + dy:.1f}" r="4"/>')
    if zero is not None and abs(zero) <= reach:
        x = _x(zero, reach)
        parts.append(f'<path class="zero" fill="none" d="M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6"/>')
    return parts
