"""`cpis archive`: keep a run under its hash."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cpis_analysis.commands.shared_options import JsonOption, PlanOption, open_plan, shown
from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.study_words import PEOPLE


def archive(
    note: Annotated[str, typer.Option(help="What this run was for, such as 'as submitted'.")] = "",
    list_: Annotated[bool, typer.Option("--list", help="List the archived runs.")] = False,
    plan: PlanOption = Path("config.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Keep estimates, tables, manifest and plan of the last run, so that `cpis diff` has something to hold against."""
    from cpis_analysis.runs.archive import archive_run, list_archives
    from cpis_analysis.runs.pending import undone
    from cpis_analysis.runs.people import runs_that_differ_by_few

    terminal = Terminal(as_json)
    if list_:
        rows = list_archives(plan.resolve().parent)
        terminal.json(rows)
        if not rows:
            terminal.line("No run has been archived.")
            return
        terminal.table(
            ["run", "estimates", "plan", "note"],
            [[row["run"], row["estimates"], row.get("plan_sha256", "")[:12], row.get("note", "")] for row in rows],
            left=1,
        )
        return
    loaded = open_plan(plan)
    folder, new = archive_run(loaded, lambda: undone(loaded, plan), note)
    if new:
        terminal.good(f"Kept in {shown(folder)}. Compare later: cpis diff {folder.name} results")
    else:
        terminal.line(f"This run is kept already, in {shown(folder)}.")
    minimum = loaded.content.report.minimum_cell
    close = runs_that_differ_by_few(loaded.root, folder.name, minimum)
    for one in close:
        terminal.warning(
            f"Before you release both: {one}. Whoever has both can work out values of so few {PEOPLE} from "
            "estimates and counts. See docs/privacy.md, Releases."
        )
    terminal.json({"run": folder.name, "folder": shown(folder), "new": new, "close_to": [asdict(one) for one in close]})
