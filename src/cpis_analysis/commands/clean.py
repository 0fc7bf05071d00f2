"""`cpis clean`: remove what earlier plans left in the output folders."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cpis_analysis.commands.shared_options import JsonOption, PlanOption, open_plan
from cpis_analysis.commands.terminal import Terminal


def clean(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Remove without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only name the files.")] = False,
    plan: PlanOption = Path("config.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Name the files that removed analyses left behind, and remove them.

    Only files in results and data/processed that no step of the plan writes; raw data are never touched.
    """
    from cpis_analysis.runs.stale import find_stale, remove_stale

    loaded, terminal = open_plan(plan), Terminal(as_json)
    stale = find_stale(loaded)
    for remark in stale.remarks:
        terminal.warning(remark)
    if not stale.files:
        terminal.good("Nothing is stale.")
        terminal.json(asdict(stale) | {"removed": []})
        return
    for name in stale.files:
        held = stale.analyses.get(name, ())
        terminal.line(f"  {name}" + (f"  ({', '.join(held)})" if held else ""))
    asked = not yes and not dry_run
    if asked and as_json:
        dry_run = True
    elif asked and not typer.confirm(f"Remove {len(stale.files)} files?", default=False):
        terminal.line("Nothing was removed.")
        return
    gone = [] if dry_run else remove_stale(loaded, stale)
    if not dry_run:
        terminal.good(f"Removed {len(gone)} files.")
    terminal.json(asdict(stale) | {"removed": gone})
