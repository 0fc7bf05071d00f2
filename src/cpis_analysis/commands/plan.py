"""`cpis plan`: what a run would redo and why, in terms of analyses."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cpis_analysis.commands.shared_options import JsonOption, PlanOption, open_plan
from cpis_analysis.commands.terminal import Terminal

__all__ = ["plan"]


def plan(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name analyses that share a refit, too.")] = False,
    plan: PlanOption = Path("config.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Say what a run would redo and why, without running anything."""
    from cpis_analysis.runs.fitted_models import recorded_specs
    from cpis_analysis.runs.pending import pending_work, read_dry_run
    from cpis_analysis.runs.snakemake import dry_run

    loaded, terminal = open_plan(plan), Terminal(as_json)
    work = pending_work(read_dry_run(dry_run(plan)), loaded.specifications(), recorded_specs(loaded.root))
    terminal.json(asdict(work))
    if not work.analyses and not work.stages and not work.leaving:
        terminal.good("Nothing would be redone: results and plan belong together.")
        return
    changed = [item for item in work.analyses if item.changed]
    shared = [item for item in work.analyses if not item.changed]
    if changed:
        terminal.heading(f"{len(changed)} of {len(loaded.specifications())} analyses would be fitted again")
        by_reason: dict[tuple[str, ...], list[str]] = {}
        for item in changed:
            by_reason.setdefault(item.why, []).append(item.analysis)
        for why, names in by_reason.items():
            terminal.paragraph(", ".join(names))
            for reason in why:
                terminal.paragraph(f"- {reason}", indent=4)
    if shared:
        terminal.line()
        which = f": {', '.join(item.analysis for item in shared)}" if verbose else ""
        terminal.paragraph(f"{len(shared)} more are fitted in the same jobs and stay as they are{which}")
    if work.leaving:
        terminal.heading("Leave the results")
        terminal.paragraph(", ".join(work.leaving))
        terminal.line("  Their files are named by `cpis clean` after the run.")
    if work.stages:
        terminal.heading("Also")
        terminal.table(["stage", "why"], [[item.stage, item.why] for item in work.stages], left=2)
    terminal.line()
    terminal.line("To do it: cpis run")
