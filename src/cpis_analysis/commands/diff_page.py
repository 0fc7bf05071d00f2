"""The comparison of two runs as a page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from cpis_analysis.commands.diff import cause_words, name_of, p_of, with_interval
from cpis_analysis.present.format import number
from cpis_analysis.runs.compare import AnalysisChange, Comparison

__all__ = ["diff_page"]

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 70rem; margin: 2rem auto;
  padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 0 0 1.5rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d0d0d0; vertical-align: top; }
td.number { text-align: right; white-space: nowrap; }
.bar { display: block; height: .6rem; min-width: 1px; background: #0b5394; }
ul { padding-left: 1.2rem; } .note { background: #fff4d6; padding: .5rem .8rem; }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #16181b; } .note { background: #4a3c10; }
  th, td { border-color: #444; } .bar { background: #7fb2e5; } }
"""


def diff_page(found: Comparison) -> str:
    """HTML of a comparison; every text from files is escaped."""
    moved = sorted(found.of("moved"), key=lambda change: -abs(change.in_se or 0.0))
    parts = [
        "<!doctype html>", '<html lang="en-GB"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<title>Two runs compared</title>", f"<style>{_STYLE}</style></head><body><main>",
        "<h1>Two runs compared</h1>",
        f"<p>Before: {escape(found.before.source)}<br>After: {escape(found.after.source)}</p>",
        f"<p><strong>{len(moved)} estimates moved, {len(found.of('inference'))} have other inference, "
        f"{len(found.of('same'))} are the same, {len(found.of('entered'))} entered, {len(found.of('left'))} left."
        "</strong></p>",
        *(f'<p class="note">{escape(remark)}</p>' for remark in found.remarks),
        _table(found, "Moved, largest shift first", moved),
        _table(found, "Estimate as before, inference not", found.of("inference")),
        _table(found, "Entered", found.of("entered")), _table(found, "Left", found.of("left")),
        _all_causes(found), _table(found, "The same", found.of("same")), "</main></body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _table(found: Comparison, caption: str, changes: Sequence[AnalysisChange]) -> str:
    if not changes:
        return ""
    longest = max((abs(change.in_se or 0.0) for change in changes), default=0.0) or 1.0
    rows = []
    for change in changes:
        width = 8 * abs(change.in_se or 0.0) / longest
        causes = "".join(f"<li>{escape(cause_words(cause))}</li>" for cause in change.causes)
        shift = "–" if change.shift is None else (
            f"{number(change.shift, 3)}<br>{number(change.in_se, 2, sign=True)} SE"
            f'<span class="bar" style="width:{width:.2f}rem"></span>')
        rows.append(
            f'<tr><th scope="row">{escape(name_of(found, change))}</th>'
            f'<td class="number">{with_interval(change.before)}</td>'
            f'<td class="number">{with_interval(change.after)}</td><td>{shift}</td>'
            f'<td class="number">{escape(p_of(change.before))}</td><td class="number">{escape(p_of(change.after))}</td>'
            f"<td>{f'<ul>{causes}</ul>' if causes else ''}</td></tr>"
        )
    head = "".join(f'<th scope="col">{text}</th>' for text in (
        "Analysis", "Before (interval)", "After (interval)", "Shift", "p before", "p after", "Why"))
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _all_causes(found: Comparison) -> str:
    if not found.causes:
        return "<p>Plan, raw data and versions are the same, as far as they are recorded.</p>"
    items = "".join(f"<li>{escape(cause_words(cause))}</li>" for cause in found.causes)
    return f"<h2>What changed between the runs</h2><ul>{items}</ul>"
