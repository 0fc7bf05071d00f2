"""`cpis plan`: what a run would redo and why, in terms of analyses."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cpis_analysis.commands.shared_options import JsonOption, PlanOption, open_plan
from cpis_analysis.commands.terminal import Terminal


def plan(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Name the analyses that stay as they are, too.")
    ] = False,
    plan: PlanOption = Path("config.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Say what a run would redo and why, without running anything."""
    from cpis_analysis.runs.pending import work_of_run

    loaded, terminal = open_plan(plan), Terminal(as_json)
    work = work_of_run(loaded, plan)
    terminal.json(asdict(work))
    if not work.analyses and not work.stages and not work.leaving:
        terminal.good("Nothing would be redone: results and plan belong together.")
        return
    names = [spec.name for spec in loaded.specifications()]
    again = {item.analysis for item in work.analyses}
    if again:
        terminal.heading(f"{len(again)} of {len(names)} analyses would be fitted again")
        by_reason: dict[tuple[str, ...], list[str]] = {}
        for item in work.analyses:
            by_reason.setdefault(item.why, []).append(item.analysis)
        for why, of in by_reason.items():
            terminal.paragraph(", ".join(of))
            for reason in why:
                terminal.paragraph(f"- {reason}", indent=4)
        kept = [name for name in names if name not in again]
        if kept and verbose:
            terminal.line()
            terminal.paragraph(f"{len(kept)} stay as they are: {', '.join(kept)}")
    if work.leaving:
        terminal.heading("Leave the results")
        terminal.paragraph(", ".join(work.leaving))
        terminal.line("  Their files are named by `cpis clean` after the run.")
    if work.stages:
        terminal.heading("Also")
        terminal.table(["stage", "why"], [[item.stage, item.why] for item in work.stages], left=2)
    terminal.line()
    terminal.line("To do it: cpis run")
