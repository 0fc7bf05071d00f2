"""The record of when the groups of a blinded study were told, beside the lock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path
from typing import Any

from cpis_analysis.errors import PlanError, Problem
from cpis_analysis.runs.locked.blinded_folder import MADE, BlindedResults
from cpis_analysis.runs.locked.lock import checksum_of

UNBLINDING = "plan.unblinded.json"
"""The record stands beside plan and lock and belongs into the repository."""

LOCKED, FINISHED = "a lock", "finished results of the blinded analysis"
"""What has to be there, as a record names it."""

_PARTS = {
    "unblinded_on": str,
    "by": str,
    "without": list,
    MADE: str,
    "lock": dict,
    "blinded": dict,
    "open_results": bool,
    "groups": dict,
}


@dataclass(frozen=True)
class Unblinding:
    """What may be said of when the groups were told.

    Attributes
    ----------
    unblinded_on, by : str
    locked_on : str
        Date of the lock that was there then; empty: the plan was not locked.
    other_lock : bool
        Whether the lock of today is another.
    finished : bool
        Whether the blinded analysis had been run to its end.
    plan, estimates : str
        Beginnings of the checksums of the blinded plan and of its estimates.
    plan_changed, data_changed : bool
        Whether these were not as `cpis blind` wrote them.
    open_results : bool
        Whether results with the groups' own names were in the study's folder.
    """

    unblinded_on: str
    by: str = ""
    locked_on: str = ""
    other_lock: bool = False
    finished: bool = False
    plan: str = ""
    estimates: str = ""
    plan_changed: bool = False
    data_changed: bool = False
    open_results: bool = False


def unblinding_record(
    date: str,
    by: str,
    blinding: Mapping[str, Any],
    mark: str,
    lock: Mapping[str, Any] | None,
    results: BlindedResults | None,
    *,
    open_results: bool,
) -> dict[str, Any]:
    """What is recorded when the groups are told.

    Parameters
    ----------
    date : str
        ISO date of today.
    by : str
        Who asked; may be empty.
    blinding : mapping
        As `read_blinding` gives it.
    mark : str
        Fingerprint of the key.
    lock : mapping or None
        The lock of the plan, None where there is none.
    results : BlindedResults or None
        None where the blinded folder is not there.
    open_results : bool

    Returns
    -------
    dict
        ``without`` names what was missing and asked to be passed over; ``record_sha256`` is the checksum of all.
    """
    finished = results is not None and bool(results.estimates_sha256)
    missing = [*([] if lock else [LOCKED]), *([] if finished else [FINISHED])]
    record = {
        "about": "When the groups of the blinded study were told. Made by `cpis unblind`; do not edit.",
        "unblinded_on": date,
        "by": by,
        "without": missing,
        MADE: mark,
        "lock": {name: lock[name] for name in ("locked_on", "lock_sha256")} if lock else {},
        "blinded": vars(results) if results is not None else {},
        "open_results": open_results,
        "groups": {letter: code for code, letter in sorted(blinding["groups"].items(), key=lambda pair: pair[1])},
    }
    return record | {"record_sha256": checksum_of(record)}


def read_unblinding(root: Path, today: str | None = None) -> dict[str, Any] | None:
    """The record beside a plan, or None.

    Raises
    ------
    PlanError
        If it is not as `cpis unblind` made it.
    """
    path = root / UNBLINDING
    if not path.is_file():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if not all(isinstance(record[name], kind) for name, kind in _PARTS.items()):
            raise TypeError
        date = Date.fromisoformat(record["unblinded_on"]).isoformat()
        said = {name: value for name, value in record.items() if name != "record_sha256"}
        sound = record.get("record_sha256") == checksum_of(said) and date <= (today or Date.today().isoformat())
    except (ValueError, KeyError, TypeError):
        sound = False
    if not sound:
        raise PlanError(
            f"{UNBLINDING} is not a record as `cpis unblind` makes it.",
            Problem(
                "it was edited or cut after it was made, or its date lies in the future",
                file=UNBLINDING,
                hint=f"take it back from version control: git checkout {UNBLINDING}",
            ),
        )
    return dict(record)


def unblinding_of(record: Mapping[str, Any], lock: Mapping[str, Any] | None) -> Unblinding:
    """What a record says, held against the lock of today."""
    blinded, locked = record["blinded"], record["lock"]
    return Unblinding(
        unblinded_on=record["unblinded_on"],
        by=record["by"],
        locked_on=locked.get("locked_on", ""),
        other_lock=bool(locked) and (lock is None or lock["lock_sha256"] != locked["lock_sha256"]),
        finished=bool(blinded.get("estimates_sha256")),
        plan=blinded.get("plan_sha256", "")[:12],
        estimates=blinded.get("estimates_sha256", "")[:12],
        plan_changed=blinded.get("plan_changed", False),
        data_changed=blinded.get("data_changed", False),
        open_results=record["open_results"],
    )
