"""`cpis lock`: freeze the plan before outcomes are seen; list later deviations."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cpis_analysis.commands.shared_options import JsonOption, PlanOption, open_plan, shown
from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.errors import PlanError, Problem
from cpis_analysis.plan.naming import counted_noun

if TYPE_CHECKING:
    from cpis_analysis.plan.reading.load import Plan


def lock(
    date: Annotated[
        str | None, typer.Option(help="Date of the lock (YYYY-MM-DD); default: today.", show_default=False)
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="List deviations from the lock; write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier lock.")] = False,
    plan: PlanOption = Path("config.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Freeze the plan before outcomes are seen: its hash, the date and the resolved plan, in plan.lock.json.

    Once there is a lock, this command lists what was changed since, with the reasons that the plan gives.
    """
    from cpis_analysis.runs.locked.lock import read_lock, unverified_lock

    loaded, terminal = open_plan(plan), Terminal(as_json)
    # one that does not hold may be replaced: the new lock keeps on record that it was there
    earlier = unverified_lock(loaded.root) if force else read_lock(loaded.root)
    if status or (earlier is not None and not force):
        if earlier is None:
            raise PlanError(
                "The plan is not locked.",
                [Problem("no lock", hint="lock it with: cpis lock"), *map(Problem, _past(loaded))],
            )
        _show_status(terminal, loaded, earlier)
        return
    _write(terminal, loaded, _checked_date(date), earlier)


def _past(plan: Plan) -> list[str]:
    """What version control knows of a lock that is not there any more."""
    from cpis_analysis.chapters.process.sentences_lock import deviation_sentences
    from cpis_analysis.runs.locked.lock_history import lock_history
    from cpis_analysis.runs.locked.lock_status import lock_status

    return [
        sentence.rstrip(".")
        for sentence in deviation_sentences(lock_status(plan.content, plan.root, lock_history(plan.root)))
    ]


def _checked_date(text: str | None) -> str:
    from datetime import date as Date

    if text is None:
        return Date.today().isoformat()
    today = Date.today().isoformat()
    try:
        date = Date.fromisoformat(text).isoformat()
    except ValueError:
        raise PlanError(
            "The date can't be read.",
            Problem("not a date", value=text, allowed="year, month and day, such as 2018-02-14"),
        ) from None
    if date > today:
        raise PlanError(
            "A plan can't be locked in the future.",
            Problem("the date lies ahead", value=date, allowed=f"{today} at the latest"),
        )
    return date


def _write(terminal: Terminal, plan: Plan, date: str, earlier: dict[str, Any] | None) -> None:
    from datetime import date as Date
    from importlib import metadata
    from secrets import token_hex

    from cpis_analysis.files import write_json, write_text
    from cpis_analysis.runs.locked.lock import LOCK, LOCK_KEY, lock_key, lock_record
    from cpis_analysis.study.checks.plan_check import check_plan

    check_plan(plan)
    key = lock_key(plan.root)
    if key is None:
        key = token_hex(32)
        write_text(plan.root / LOCK_KEY, f"{key}\n")
    record = lock_record(plan, date, metadata.version("cpis-analysis"), Date.today().isoformat(), earlier, key)
    write_json(plan.root / LOCK, record)
    seen = sorted(name for name, checksum in record["raw"].items() if checksum is not None)
    n = len(record["analyses"])
    terminal.good(f"Locked {n} {counted_noun(n, 'analysis')} on {date} in {shown(plan.root / LOCK)}.")
    terminal.line(f"Plan {record['plan_sha256'][:12]}. Commit the file, so that its date can be checked.")
    if seen:
        terminal.warning(
            f"Raw files that were there when the plan was locked: {', '.join(seen)}. The lock records "
            "them; it can't know whether anybody had looked at the outcomes."
        )
    if record["estimates_at_lock"]:
        terminal.warning("Results of an earlier run were there when the plan was locked. The lock records that, too.")
    if record["replaces"]:
        dates = ", ".join(one["locked_on"] or "no date" for one in record["replaces"])
        terminal.warning(f"This lock replaces earlier ones ({dates}). It keeps them on record; the report names them.")
    terminal.json(
        {
            key: record[key]
            for key in (
                "locked_on",
                "made_on",
                "plan_sha256",
                "analyses",
                "files",
                "raw",
                "estimates_at_lock",
                "replaces",
            )
        }
    )


def _show_status(terminal: Terminal, plan: Plan, record: dict[str, Any]) -> None:
    from cpis_analysis.chapters.process.sentences_lock import deviation_sentences, planned_sentences
    from cpis_analysis.chapters.process.sentences_unblinding import unblinding_sentences
    from cpis_analysis.runs.locked.deviations import NO_REASON, reasons_without_deviation
    from cpis_analysis.runs.locked.lock_history import lock_history
    from cpis_analysis.runs.locked.lock_status import lock_status
    from cpis_analysis.runs.locked.unblinding import UNBLINDING

    state = lock_status(plan.content, plan.root, lock_history(plan.root), lock_history(plan.root, UNBLINDING))
    found = state.deviations
    primary = next(name for name, part in plan.content.outcomes.items() if part.role == "primary")
    unused = reasons_without_deviation(plan.content, record)
    terminal.json(
        {
            "locked_on": state.locked_on,
            "made_on": state.made_on,
            "history": asdict(state.history),
            "replaces": list(state.replaces),
            "headlines": {name: list(keys) for name, keys in state.headlines.items()},
            "deviations": [asdict(item) for item in found],
            "reasons_without_deviation": unused,
            "unblinding": state.unblinding and asdict(state.unblinding),
        }
    )
    for sentence in [*deviation_sentences(state), *unblinding_sentences(state)]:
        terminal.paragraph(sentence, indent=0)
    for sentence in planned_sentences(state, primary):
        terminal.warning(sentence)
    for item in found:
        line = plan.document.line_of(tuple(item.key.split(".")))
        place = f"{plan.document.file}, line {line}: " if line and item.kind in ("changed", "added") else ""
        verb = {
            "added": "added",
            "removed": "removed",
            "file": "the file changed",
            "data": "the raw file changed",
            "program": "the program changed",
        }.get(item.kind)
        bearing = " (presentation only)" if item.presentation else ""
        terminal.heading(f"{place}{item.key}" + (f" {verb}" if verb else "") + bearing)
        if item.before:
            terminal.paragraph(f"locked: {item.before}")
        if item.after:
            terminal.paragraph(f"now:    {item.after}")
        reason = f"reason: {item.reason}" + (f" ({item.date})" if item.date else "")
        terminal.line(f"  {reason}", style=None if item.reason != NO_REASON else "yellow")
    for name in unused:
        terminal.warning(f"deviations: {name} is named, but nothing of that name deviates from the lock.")
