"""`cpis diff`: two runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cpis_analysis.commands.shared_options import JsonOption, PlanOption, shown
from cpis_analysis.commands.terminal import Terminal

if TYPE_CHECKING:
    from cpis_analysis.runs.causes import Cause
    from cpis_analysis.runs.compare import AnalysisChange, Comparison


def diff(
    run_a: Annotated[
        str,
        typer.Argument(
            help="The earlier run: a results folder, an archived run or a git revision.", show_default=False
        ),
    ],
    run_b: Annotated[str, typer.Argument(help="The later run; default: results.")] = "results",
    html: Annotated[Path | None, typer.Option(help="Write the comparison as a page, too.", show_default=False)] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show analyses that did not move, too.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 if any number differs.")] = False,
    plan: PlanOption = Path("config.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Compare two runs: what moved, by how much of a standard error, what entered and left, and what caused it."""
    from cpis_analysis.runs.compare import compare_runs
    from cpis_analysis.runs.record import read_run

    terminal, root = Terminal(as_json), plan.resolve().parent
    found = compare_runs(read_run(run_a, root), read_run(run_b, root))
    _show(terminal, found, everything)
    if html is not None:
        from cpis_analysis.files import write_text
        from cpis_analysis.report.comparison_page import comparison_page

        write_text(html, comparison_page(found))
        terminal.line()
        terminal.line(f"Page: {shown(html)}")
    terminal.json(_record(found))
    if exit_code and found.differs:
        raise SystemExit(1)


def _record(found: Comparison) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "before": {"name": found.before.name, "source": found.before.source},
        "after": {"name": found.after.name, "source": found.after.source},
        "analyses": [asdict(change) for change in found.analyses],
        "causes": [asdict(cause) for cause in found.causes],
        "remarks": list(found.remarks),
        "files": [asdict(file) for file in found.files],
    }


def _show(terminal: Terminal, found: Comparison, everything: bool) -> None:
    from cpis_analysis.report.run_comparison import by_shift, scale_sentences

    terminal.line(f"before: {found.before.source}")
    terminal.line(f"after:  {found.after.source}")
    for remark in found.remarks:
        terminal.warning(remark)
    moved, other, inference = found.of("moved"), found.of("scale"), found.of("inference")
    same, entered, left = found.of("same"), found.of("entered"), found.of("left")
    _conclusions(terminal, found)
    terminal.line()
    changed = f" {len(other)} are on another scale," if other else ""
    terminal.line(
        f"{len(moved)} estimates moved,{changed} {len(inference)} have other inference, "
        f"{len(same)} are the same, "
        f"{len(entered)} entered, {len(left)} left",
        style="bold",
    )
    if moved:
        terminal.heading("Moved (largest shift first)")
        _side_by_side(terminal, found, by_shift(moved))
    if other:
        terminal.heading("On another scale, so not compared")
        for sentence in scale_sentences(found):
            terminal.paragraph(sentence)
        _side_by_side(terminal, found, other, differs=True)
    if inference:
        terminal.heading("Estimate as before, inference not")
        _side_by_side(terminal, found, inference, differs=True)
    if entered:
        terminal.heading("Entered")
        _one_sided(terminal, found, entered)
    if left:
        terminal.heading("Left")
        _one_sided(terminal, found, left)
    if everything and same:
        terminal.heading("The same")
        _side_by_side(terminal, found, same)
    if found.files:
        terminal.heading("Other result files that differ")
        terminal.table(
            ["file", "", "numbers and texts that differ"],
            [[file.file, file.kind, str(file.n_cells)] for file in found.files],
        )
    _causes(terminal, found)


def _conclusions(terminal: Terminal, found: Comparison) -> None:
    """What is concluded otherwise leads; nothing else matters as much."""
    from cpis_analysis.report.run_comparison import conclusion_sentences

    for sentence in conclusion_sentences(found):
        terminal.warning(sentence)


def _side_by_side(
    terminal: Terminal, found: Comparison, changes: Sequence[AnalysisChange], differs: bool = False
) -> None:
    from cpis_analysis.publish.format import number
    from cpis_analysis.report.run_comparison import contrast_name, estimate_text, p_text

    rows = []
    for change in changes:
        rows.append(
            [
                contrast_name(found, change),
                estimate_text(change.before),
                estimate_text(change.after),
                number(change.shift, 3),
                "" if change.in_se is None else f"{number(change.in_se, 2, sign=True)} SE",
                p_text(change.before),
                p_text(change.after),
                *([", ".join(change.differs)] if differs else []),
            ]
        )
    header = ["analysis", "before", "after", "shift", "", "p before", "p after", *(["differs"] if differs else [])]
    terminal.table(header, rows)


def _one_sided(terminal: Terminal, found: Comparison, changes: Sequence[AnalysisChange]) -> None:
    from cpis_analysis.report.run_comparison import contrast_name, estimate_text, p_text

    sides = [(change, change.after or change.before) for change in changes]
    terminal.table(
        ["analysis", "estimate", "p"],
        [[contrast_name(found, change), estimate_text(side), p_text(side)] for change, side in sides],
    )


def _causes(terminal: Terminal, found: Comparison) -> None:
    from cpis_analysis.report.run_comparison import causes_with_analyses

    if found.causes or found.differs:
        terminal.heading("Causes")
    for cause, names in causes_with_analyses(found).items():
        terminal.paragraph(_cause_words(cause))
        if names:
            more = f" and {len(names) - 6} more" if len(names) > 6 else ""
            terminal.paragraph(f"-> {', '.join(names[:6])}{more}", indent=4)
        else:
            terminal.line("    -> moved nothing")


def _cause_words(cause: Cause) -> str:
    """A cause in one line, with the lines of the plans."""
    from cpis_analysis.report.run_comparison import cause_lines

    place = cause_lines(cause)
    return f"{cause.kind}: {cause.text}" + (f" ({place})" if place else "")
