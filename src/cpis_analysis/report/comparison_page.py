"""Two runs side by side as one page that needs nothing else: what `cpis diff --html` writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from cpis_analysis.publish.blocks import Block, DataTable, Folded, Heading
from cpis_analysis.publish.data_table import plain_table
from cpis_analysis.publish.format import count, number, one_line
from cpis_analysis.publish.html import blocks_html
from cpis_analysis.publish.lines import Line
from cpis_analysis.publish.lines import Run as Text
from cpis_analysis.report.build import DEFAULT_NOTICE, TEMPLATES, whole_page
from cpis_analysis.report.comparison_picture import MOST, comparison_picture
from cpis_analysis.report.run_comparison import (
    by_shift,
    cause_lines,
    causes_with_analyses,
    conclusion_sentences,
    contrast_name,
    estimate_text,
    p_text,
    scale_sentences,
)
from cpis_analysis.runs.causes import Cause
from cpis_analysis.runs.compare import AnalysisChange, Comparison
from cpis_analysis.runs.record import Run
from cpis_analysis.words.wording import counted

PAGES = TEMPLATES.parent / "pages"
_WORDS = {"Analysis", "Model", "Why", "Differs"}
"""Columns of words; the others have numbers."""
KINDS = {"plan": "Plan", "data": "Raw data", "version": "Version", "code": "Code", "unknown": "Not known"}


def comparison_page(found: Comparison) -> str:
    """HTML of a comparison, in the style of the report.

    Parameters
    ----------
    found : Comparison

    Returns
    -------
    str
        Self-contained, without scripts. Every text from files is escaped; a run of synthetic data says so.
    """
    plan = found.after.plan or found.before.plan or {}
    study = {"name": "", "short_name": "", "synthetic": False, "notice": None} | plan.get("study", {})
    notice = one_line(study["notice"] or (DEFAULT_NOTICE if study["synthetic"] else ""))
    moved = by_shift(found.of("moved"))
    numbers = causes_with_analyses(found)
    return whole_page(
        "comparison.html",
        PAGES,
        study=study,
        notice=notice,
        lead="synthetic" not in notice.lower(),
        runs=Markup(blocks_html([_runs(found)])),
        sentences=sentences(found),
        remarks=found.remarks,
        picture=comparison_picture(moved, found),
        left_out=count(len(moved) - MOST) if len(moved) > MOST else "",
        causes=[_cause(cause, names) for cause, names in numbers.items()],
        tables=Markup(blocks_html(_tables(found, moved, numbers))),
    )


def sentences(found: Comparison) -> list[str]:
    """Changed conclusions first, then what moved, in words."""
    moved = by_shift(found.of("moved"))
    numbers = [
        (len(moved), "moved"),
        (len(found.of("inference")), "kept the estimate with another inference"),
        *([(len(found.of("scale")), "came onto another scale")] if found.of("scale") else []),
        (len(found.of("same")), "stayed the same"),
        (len(found.of("entered")), "entered"),
        (len(found.of("left")), "left"),
    ]
    said = conclusion_sentences(found)
    said += ["Of the estimates, " + ", ".join(f"{count(n)} {what}" for n, what in numbers) + "."]
    if moved and moved[0].in_se is not None:
        first = moved[0]
        said.append(
            f"The largest shift is {number(first.in_se, 2, sign=True)} standard errors ({contrast_name(found, first)})."
        )
    if (moved or found.of("inference")) and not found.concluded:
        said.append(
            "No conclusion changed: neither on a difference from zero, nor on equivalence, nor on an important "
            "difference."
        )
    said += scale_sentences(found)
    for file in found.files:
        verb = {"entered": "is new", "left": "is gone"}.get(file.kind, f"differs in {counted(file.n_cells, 'cell')}")
        said.append(f"The result file {file.file} {verb}.")
    return said


def _runs(found: Comparison) -> DataTable:
    heads = [(name, "left") for name in ("Run", "Read from", "Analyses", "Plan", "Software")]
    runs = plain_table("The runs", heads, [_run("Before", found.before), _run("After", found.after)])
    return replace(runs, phone="list")


def _run(which: str, run: Run) -> tuple[str | Line, ...]:
    version = run.manifest.get("versions", {}).get("cpis-analysis", "")
    plan = str(run.manifest.get("plan_sha256", ""))[:12]
    return (
        which,
        run.source,
        count(len({name for name, _ in run.estimates})),
        (Text(plan or "not recorded", "code"),),
        f"cpis-analysis {version}" if version else "not recorded",
    )


def _cause(cause: Cause, analyses: Sequence[str]) -> dict[str, str]:
    more = f" and {count(len(analyses) - 8)} more" if len(analyses) > 8 else ""
    return {
        "kind": KINDS.get(cause.kind, cause.kind),
        "place": cause_lines(cause),
        "text": cause.key or cause.text,
        "before": cause.before,
        "after": cause.after,
        "effect": f"Bears on {', '.join(analyses[:8])}{more}." if analyses else "Moved nothing.",
    }


def _tables(found: Comparison, moved: Sequence[AnalysisChange], numbers: Mapping[Cause, list[str]]) -> Iterator[Block]:
    both = ["Analysis", "Model", "Before (interval)", "After (interval)", "Shift", "Shift in SE", "p before", "p after"]
    one = ["Analysis", "Model", "Estimate (interval)", "p"]
    kinds = (
        ("Moved", "Analyses whose estimate moved, the largest shift first", moved, [*both, "Why"]),
        (
            "On another scale",
            "Analyses whose scale changed, so that estimates can't be subtracted",
            found.of("scale"),
            [*both, "Differs", "Why"],
        ),
        (
            "Estimate as before, inference not",
            "Analyses whose standard error, degrees of freedom, rows or p-values moved, not their estimate",
            found.of("inference"),
            [*both, "Differs", "Why"],
        ),
        ("Entered", "Analyses that only the later run has", found.of("entered"), [*one, "Why"]),
        ("Left", "Analyses that only the earlier run has", found.of("left"), [*one, "Why"]),
        ("The same", "Analyses in which nothing moved", found.of("same"), one),
    )
    at = {cause: place for place, cause in enumerate(numbers, 1)}
    for title, caption, changes, header in kinds:
        if not changes:
            continue
        heads = [(name, "left" if name in _WORDS else "right") for name in header]
        rows = [_row(change, found, at, header) for change in changes]
        table = replace(plain_table(caption, heads, rows), phone="list")
        yield Heading(1, title)
        # nobody looks for what stayed
        yield Folded(counted(len(rows), "analysis"), (table,), kind="plain") if title == "The same" else table


def _row(change: AnalysisChange, found: Comparison, at: Mapping[Cause, int], header: Sequence[str]) -> list[str | Line]:
    outcome, model = labels_of(change, found)
    named = (Text(outcome), Text(" ", "break"), Text(contrast_name(found, change), "code"))
    if "Shift" in header:
        before, after = change.before, change.after
        shifts = (number(change.shift, 3, sign=True), number(change.in_se, 2, sign=True))
        cells = [estimate_text(before), estimate_text(after), *shifts, p_text(before), p_text(after)]
    else:
        row = change.after or change.before
        cells = [estimate_text(row), p_text(row)]
    differs = [", ".join(change.differs)] if "Differs" in header else []
    return [named, model, *cells, *differs, *([_why(change, at)] if "Why" in header else [])]


def _why(change: AnalysisChange, at: Mapping[Cause, int]) -> Line:
    """Numbers of the causes, each leading to it."""
    known = dict.fromkeys(at[cause] for cause in change.causes if cause in at)
    runs = [run for place in known for run in (Text(str(place), target=f"cause-{place}"), Text(", "))]
    return tuple(runs[:-1])


def labels_of(change: AnalysisChange, found: Comparison) -> tuple[str, str]:
    """Labels of outcome and model, by the plan that has them."""
    outcome, _, model = change.analysis.partition(".")
    for run in (found.after, found.before):
        plan = run.plan or {}
        if outcome in plan.get("outcomes", {}) and model in plan.get("models", {}):
            part = plan["outcomes"][outcome]
            return one_line(part.get("short_label") or part["label"]), one_line(plan["models"][model]["label"])
    return outcome, model
