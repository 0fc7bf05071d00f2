"""`cpis lock`: freeze the plan before outcomes are seen; list later deviations."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cpis_analysis.commands.options import JsonOption, PlanOption, open_plan, shown
from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.errors import PlanError, Problem

if TYPE_CHECKING:
    from cpis_analysis.plan.load import Plan

__all__ = ["lock"]


def lock(
    date: Annotated[str | None, typer.Option(help="Date of the lock (YYYY-MM-DD); default: today.",
                                             show_default=False)] = None,
    status: Annotated[bool, typer.Option("--status", help="List deviations from the lock; write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier lock.")] = False,
    plan: PlanOption = Path("config.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Freeze the plan before outcomes are seen: its hash, the date and the resolved plan, in plan.lock.json.

    Once there is a lock, this command lists what was changed since, with the reasons that the plan gives.
    """
    from cpis_analysis.runs.lock import read_lock

    loaded, terminal = open_plan(plan), Terminal(as_json)
    earlier = read_lock(loaded.root)
    if status or (earlier is not None and not force):
        if earlier is None:
            raise PlanError("The plan is not locked.", [Problem("no lock", hint="lock it with: cpis lock")])
        _show_status(terminal, loaded, earlier)
        return
    _write(terminal, loaded, _checked_date(date))


def _checked_date(text: str | None) -> str:
    from datetime import date as Date

    if text is None:
        return Date.today().isoformat()
    try:
        return Date.fromisoformat(text).isoformat()
    except ValueError:
        raise PlanError("The date can't be read.", [Problem(
            "not a date", value=text, allowed="year, month and day, such as 2018-02-14")]) from None


def _write(terminal: Terminal, plan: Plan, date: str) -> None:
    from importlib import metadata

    from cpis_analysis.files import write_json
    from cpis_analysis.runs.lock import LOCK, lock_record
    from cpis_analysis.study.plan_check import check_plan

    check_plan(plan)
    record = lock_record(plan, date, metadata.version("cpis-analysis"))
    write_json(plan.root / LOCK, record)
    seen = sorted(name for name, checksum in record["raw"].items() if checksum is not None)
    terminal.good(f"Locked {len(record['analyses'])} analyses on {date} in {shown(plan.root / LOCK)}.")
    terminal.line(f"Plan {record['plan_sha256'][:12]}. Commit the file, so that its date can be checked.")
    if seen:
        terminal.warning(f"Raw files that were there when the plan was locked: {', '.join(seen)}. The lock records "
                         "them; it can't know whether anybody had looked at the outcomes.")
    terminal.json({key: record[key] for key in ("locked_on", "plan_sha256", "analyses", "files", "raw")})


def _show_status(terminal: Terminal, plan: Plan, record: dict[str, Any]) -> None:
    from cpis_analysis.runs.lock import deviations, locked_checksums, reasons_without_deviation

    found = deviations(plan.content, record, locked_checksums(record, plan.root))
    unused = reasons_without_deviation(plan.content, record)
    terminal.json({"locked_on": record["locked_on"], "deviations": [asdict(item) for item in found],
                   "reasons_without_deviation": unused})
    if not found:
        terminal.good(f"The plan is as it was locked on {record['locked_on']}.")
    else:
        on_analyses = sum(not item.presentation for item in found)
        terminal.line(f"Locked on {record['locked_on']}; since then {len(found)} "
                      f"{'change' if len(found) == 1 else 'changes'}, {on_analyses} of them bearing on analyses.")
    for item in found:
        line = plan.document.line_of(tuple(item.key.split(".")))
        place = f"{plan.document.file}, line {line}: " if line and item.kind not in ("file", "removed") else ""
        verb = {"added": "added", "removed": "removed", "file": "the file changed"}.get(item.kind)
        bearing = " (presentation only)" if item.presentation else ""
        terminal.heading(f"{place}{item.key}" + (f" {verb}" if verb else "") + bearing)
        if item.before:
            terminal.paragraph(f"locked: {item.before}")
        if item.after:
            terminal.paragraph(f"now:    {item.after}")
        reason = f"reason: {item.reason}" + (f" ({item.date})" if item.date else "")
        terminal.line(f"  {reason}", style=None if item.reason != "no reason given" else "yellow")
    for name in unused:
        terminal.warning(f"deviations: {name} is named, but nothing of that name deviates from the lock.")
