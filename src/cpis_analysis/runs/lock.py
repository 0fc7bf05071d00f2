"""The plan frozen before outcomes are seen, and every later deviation from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cpis_analysis.errors import PlanError, Problem
from cpis_analysis.files import sha256
from cpis_analysis.plan.load import Plan
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.runs.plan_changes import PlanChange, is_presentation, plan_changes, shown_value, todays_form

__all__ = ["LOCK", "NO_REASON", "Deviation", "deviation_rows", "deviations", "lock_record", "locked_checksums",
           "locked_files", "outcomes_at_lock", "read_lock", "reasons_without_deviation"]

LOCK = "plan.lock.json"
"""The lock stands beside the plan and belongs into the repository."""

NO_REASON = "no reason given"


@dataclass(frozen=True)
class Deviation:
    """One thing that is not as it was locked.

    Attributes
    ----------
    key : str
        Key of the plan, or the name of a file that the plan rests on.
    kind : str
        ``changed``, ``added``, ``removed`` or ``file``.
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


def lock_record(plan: Plan, date: str, package_version: str) -> dict[str, Any]:
    """What a lock holds.

    Parameters
    ----------
    plan : Plan
    date : str
        ISO date of the lock.
    package_version : str

    Returns
    -------
    dict
        ``locked_on``, ``plan_sha256``, ``analyses``, ``files`` (checksums of dictionary and value sets), ``raw``
        (checksums of the raw files that were there; None for those that were not), ``plan`` (resolved).
    """
    data = plan.content.data
    raw = sorted({source.file for source in data.sources.values()})
    content = plan.content.model_dump(mode="json")
    content.pop("deviations", None)
    return {
        "about": "The statistical analysis plan as it was locked. Made by `cpis lock`; do not edit.",
        "locked_on": date,
        "plan_sha256": plan.digest(),
        "package": package_version,
        "analyses": [spec.name for spec in plan.specifications()],
        "files": {name: sha256(plan.root / name) for name in locked_files(plan.content, plan.root)},
        "raw": {name: sha256(plan.root / name) if (plan.root / name).is_file() else None for name in raw},
        "plan": content,
    }


def locked_files(content: PlanFile, root: Path) -> list[str]:
    """Files beside the plan that say what is analysed: dictionary and value sets."""
    names = {content.data.dictionary}
    for settings in content.scoring_settings().values():
        names |= {str(value) for key, value in settings.items() if key.endswith("_file") and value}
    return sorted(name for name in names if (root / name).is_file())


def outcomes_at_lock(lock: Mapping[str, Any]) -> list[str]:
    """Raw files with interviews that were there when the plan was locked; whether anybody had looked is not known."""
    sources = lock["plan"]["data"]["sources"].values()
    holding = {source["file"] for source in sources if source["holds"] in ("interviews", "long", "wide")}
    return sorted(name for name, digest in lock["raw"].items() if digest and name in holding)


def read_lock(root: Path) -> dict[str, Any] | None:
    """The lock beside a plan, or None.

    Raises
    ------
    PlanError
        If the file is there and is no lock.
    """
    path = root / LOCK
    if not path.is_file():
        return None
    try:
        lock = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(lock["plan"], dict) or not isinstance(lock["locked_on"], str):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise PlanError(f"{LOCK} is not a lock.", [Problem(
            "it was edited or cut", file=LOCK, hint="take it back from the repository: git checkout plan.lock.json")
        ]) from None
    return lock


def deviations(
    content: PlanFile, lock: Mapping[str, Any], files: Mapping[str, str] | None = None
) -> list[Deviation]:
    """Everything that is not as it was locked, found by itself.

    Parameters
    ----------
    content : PlanFile
        The plan of today.
    lock : mapping
        As `read_lock` gives it.
    files : mapping of str to str, optional
        Checksums of today of the files that the lock names.

    Returns
    -------
    list of Deviation
        Changes that can alter a number first, each part in the plan's order.

    Notes
    -----
    The locked plan goes through the schema of today first, so that a key that was given a default since is no
    deviation.
    """
    now = content.model_dump(mode="json")
    reasons = _reasons(content)
    found = [_deviation(change, reasons) for change in plan_changes(todays_form(lock["plan"]), now)]
    for name, checksum in sorted((lock.get("files") or {}).items()):
        if files is not None and files.get(name) != checksum:
            reason, date = _reason(name, reasons)
            found.append(Deviation(name, "file", "", "", False, reason, date))
    return sorted(found, key=lambda item: item.presentation)


def reasons_without_deviation(content: PlanFile, lock: Mapping[str, Any] | None) -> list[str]:
    """Keys for which the plan gives a reason although nothing of the kind deviates from the lock."""
    named = [str(_field(entry, "key")) for entry in getattr(content, "deviations", ())]
    if lock is None:
        return named
    files = dict.fromkeys(lock.get("files") or {}, "")
    keys = [item.key for item in deviations(content, lock, files)]
    return [name for name in named if not any(_covers(name, key) for key in keys)]


def deviation_rows(found: Sequence[Deviation]) -> list[dict[str, str]]:
    """Rows for the report: ``what``, ``at_lock``, ``now``, ``bearing``, ``reason``, ``date``."""
    rows = []
    for item in found:
        verb = {"added": " (added)", "removed": " (removed)", "file": " (file changed)"}.get(item.kind, "")
        rows.append({
            "what": item.key + verb, "at_lock": item.before, "now": item.after,
            "bearing": "presentation only" if item.presentation else "analysis",
            "reason": item.reason, "date": item.date,
        })
    return rows


def _deviation(change: PlanChange, reasons: list[tuple[str, str, str]]) -> Deviation:
    reason, date = _reason(change.key, reasons)
    before = "" if change.kind == "added" else shown_value(change.before)
    after = "" if change.kind == "removed" else shown_value(change.after)
    return Deviation(change.key, change.kind, before, after, is_presentation(change), reason, date)


def _reasons(content: PlanFile) -> list[tuple[str, str, str]]:
    return [(str(_field(entry, "key")), str(_field(entry, "reason")), str(_field(entry, "date") or ""))
            for entry in getattr(content, "deviations", ())]


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


def locked_checksums(lock: Mapping[str, Any], root: Path) -> dict[str, str]:
    """Checksums of today of the files that a lock names; files that are gone are left out."""
    return {name: sha256(root / name) for name in sorted(lock.get("files") or {}) if (root / name).is_file()}
