"""Every later deviation from a locked plan, found by itself, with the reasons that the plan gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from cpis_analysis.files import sha256
from cpis_analysis.plan.reading.resolve import specification
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.specification_records import spec_record
from cpis_analysis.runs.locked.lock import analysis_code, keyed_checksum, lock_key
from cpis_analysis.runs.plan_changes import PlanChange, is_presentation, plan_changes, shown_value, todays_form, touches

NO_REASON = "no reason given"
PROGRAM = "cpis-analysis"


@dataclass(frozen=True)
class Deviation:
    """One thing that is not as it was locked.

    Attributes
    ----------
    key : str
        Key of the plan, the name of a file that the plan rests on or that was delivered, or of the program.
    kind : str
        ``changed``, ``added``, ``removed``, ``file``, ``data`` (a raw file that was there already) or ``program``.
    before, after : str
        Values in one line; empty for files.
    presentation : bool
        Whether it can alter no number.
    reason : str
        As the plan gives it, or "no reason given".
    date : str
        When the change was decided, as the plan says; empty where it does not.
    """

    key: str
    kind: str
    before: str
    after: str
    presentation: bool
    reason: str
    date: str


@dataclass(frozen=True)
class Today:
    """What a lock is held against, beside the plan.

    Attributes
    ----------
    files : mapping of str to str
        Checksums of the files that the lock names, and keyed ones of its raw files; those that are gone are left out.
    raw_known : bool
        Whether the key of the raw files' checksums is there; otherwise they are not compared.
    package, code_sha256 : str
        The program; empty: not compared.
    """

    files: Mapping[str, str]
    package: str = ""
    code_sha256: str = ""
    raw_known: bool = True


def today_of(lock: Mapping[str, Any], root: Path) -> Today:
    """Checksums of today of the files that a lock names, and the program that runs."""
    key = lock_key(root)
    there = {name: sha256(root / name) for name in lock["files"] if (root / name).is_file()}
    if key is not None:
        there |= {name: keyed_checksum(root / name, key) for name in lock["raw"] if (root / name).is_file()}
    return Today(there, metadata.version("cpis-analysis"), analysis_code(), key is not None)


def deviations(content: PlanFile, lock: Mapping[str, Any], today: Today | None = None) -> list[Deviation]:
    """Everything that is not as it was locked, found by itself.

    Parameters
    ----------
    content : PlanFile
        The plan of today.
    lock : mapping
        As `read_lock` gives it.
    today : Today, optional
        Files and program of today; without it only plans are compared.

    Returns
    -------
    list of Deviation
        Changes that can alter a number first, each part in the plan's order.

    Notes
    -----
    The locked plan goes through the schema of today first, so that a key that was given a default since is no
    deviation. Raw files that came after the lock are what a lock waits for; one that was there and is another now, or
    is gone, is a deviation.
    """
    reasons = _reasons(content)
    found = [_deviation(change, reasons) for change in _changes_since(content, lock)]
    if today is not None:
        found += [
            _of_file(name, "file", reasons)
            for name, checksum in sorted(lock["files"].items())
            if today.files.get(name) != checksum
        ]
        found += [
            _of_file(name, "data", reasons)
            for name, checksum in sorted(lock["raw"].items())
            if today.raw_known and checksum is not None and today.files.get(name) != checksum
        ]
        found += _program(lock, today, reasons)
    return sorted(found, key=lambda item: item.presentation)


def headline_deviations(content: PlanFile, lock: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """By outcome of today, the changed keys that bear on its headline analysis; outcomes without any are left out.

    An outcome that became the primary one, or was no outcome when the plan was locked, counts as changed.
    """
    changes = _changes_since(content, lock)
    headlines = {outcome: specification(content, outcome, part.models[0]) for outcome, part in content.outcomes.items()}
    found = {}
    for outcome, spec in headlines.items():
        record = spec_record(spec)
        keys = [change.key for change in changes if _bears(change, outcome, record)]
        if keys:
            found[outcome] = tuple(keys)
    return found


def _bears(change: PlanChange, outcome: str, spec: Mapping[str, Any]) -> bool:
    if change.path == ("outcomes", outcome, "models"):
        # the headline is the first; the others stand beside it
        return list(change.before or [])[:1] != list(change.after or [])[:1]
    return touches(change, spec) or change.path == ("outcomes", outcome, "role")


def _changes_since(content: PlanFile, lock: Mapping[str, Any]) -> list[PlanChange]:
    return plan_changes(todays_form(lock["plan"]), content.model_dump(mode="json"))


def _of_file(name: str, kind: str, reasons: list[tuple[str, str, str]]) -> Deviation:
    reason, date = _reason(name, reasons)
    return Deviation(name, kind, "", "", False, reason, date)


def _program(lock: Mapping[str, Any], today: Today, reasons: list[tuple[str, str, str]]) -> list[Deviation]:
    """Another version of the program, or other code under the same version."""
    if not today.code_sha256 or lock["code_sha256"] == today.code_sha256:
        return []
    reason, date = _reason(PROGRAM, reasons)
    return [
        Deviation(
            PROGRAM,
            "program",
            f"{lock['package']}, code {lock['code_sha256'][:12]}",
            f"{today.package}, code {today.code_sha256[:12]}",
            False,
            reason,
            date,
        )
    ]


def reasons_without_deviation(content: PlanFile, lock: Mapping[str, Any] | None) -> list[str]:
    """Keys for which the plan gives a reason although nothing of the kind deviates from the lock."""
    named = [str(_field(entry, "key")) for entry in getattr(content, "deviations", ())]
    if lock is None:
        return named
    # whatever could deviate beside the plan may have a reason ready
    keys = [item.key for item in deviations(content, lock, Today({}, "", "none"))]
    return [name for name in named if not any(_covers(name, key) for key in keys)]


def deviation_rows(found: Sequence[Deviation]) -> list[dict[str, str]]:
    """Rows for the report: ``what``, ``at_lock``, ``now``, ``bearing``, ``reason``, ``date``."""
    rows = []
    for item in found:
        verb = {
            "added": " (added)",
            "removed": " (removed)",
            "file": " (file changed)",
            "data": " (data changed after the lock)",
            "program": " (program changed)",
        }.get(item.kind, "")
        rows.append(
            {
                "what": item.key + verb,
                "at_lock": item.before,
                "now": item.after,
                "bearing": "presentation only" if item.presentation else "analysis",
                "reason": item.reason,
                "date": item.date,
            }
        )
    return rows


def _deviation(change: PlanChange, reasons: list[tuple[str, str, str]]) -> Deviation:
    reason, date = _reason(change.key, reasons)
    before = "" if change.kind == "added" else shown_value(change.before)
    after = "" if change.kind == "removed" else shown_value(change.after)
    return Deviation(change.key, change.kind, before, after, is_presentation(change), reason, date)


def _reasons(content: PlanFile) -> list[tuple[str, str, str]]:
    return [
        (str(_field(entry, "key")), str(_field(entry, "reason")), str(_field(entry, "date") or ""))
        for entry in getattr(content, "deviations", ())
    ]


def _field(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, Mapping) else getattr(entry, name, None)


def _reason(key: str, reasons: list[tuple[str, str, str]]) -> tuple[str, str]:
    """The reason whose key fits best: the same, else the longest that holds it or is held by it."""
    fitting = [entry for entry in reasons if _covers(entry[0], key)]
    if not fitting:
        return NO_REASON, ""
    best = max(fitting, key=lambda entry: (entry[0] == key, len(entry[0])))
    return best[1], best[2]


def _covers(named: str, key: str) -> bool:
    return named == key or key.startswith(f"{named}.") or named.startswith(f"{key}.")
