"""The plan frozen before outcomes are seen: what a lock records, and whether one that is read is as it was made."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import date as Date
from pathlib import Path
from typing import Any

from cpis_analysis.errors import PlanError, Problem
from cpis_analysis.files import sha256
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.provenance import module_sources
from cpis_analysis.runs.manifests import ARCHIVED

LOCK = "plan.lock.json"
"""The lock stands beside the plan and belongs into the repository."""
LOCK_KEY = f"{ARCHIVED}/plan.lock.key"
"""Its key stays with the private files."""

_PARTS = {
    "locked_on": str,
    "made_on": str,
    "plan_sha256": str,
    "package": str,
    "code_sha256": str,
    "analyses": list,
    "files": dict,
    "raw": dict,
    "estimates_at_lock": bool,
    "replaces": list,
    "plan": dict,
}


def lock_record(
    plan: Plan,
    date: str,
    package_version: str,
    made_on: str | None = None,
    replaces: Mapping[str, Any] | None = None,
    key: str = "",
) -> dict[str, Any]:
    """What a lock holds.

    Parameters
    ----------
    plan : Plan
    date : str
        ISO date of the lock, as the user gives it.
    package_version : str
    made_on : str, optional
        ISO date on which the file is written; default: `date`.
    replaces : mapping, optional
        An earlier lock that this one takes the place of. It stays on record, with those that it replaced itself.
    key : str
        Of the checksums of raw files: a lock is fit to be shared, and whoever knew all of a file but one person could
        try that person's answers against a plain checksum.

    Returns
    -------
    dict
        ``locked_on``, ``made_on``, ``plan_sha256``, ``analyses``, ``files`` (checksums of dictionary and value sets),
        ``raw`` (keyed checksums of the raw files that were there; None for those that were not), ``package`` and
        ``code_sha256`` (the program), ``estimates_at_lock`` (whether results were there), ``replaces`` (earlier
        locks), ``plan`` (resolved), and ``lock_sha256``, the checksum of all of it.
    """
    content = plan.content.model_dump(mode="json")
    content.pop("deviations", None)
    raw = raw_names(plan.content)
    record = {
        "about": "The statistical analysis plan as it was locked. Made by `cpis lock`; do not edit.",
        "locked_on": date,
        "made_on": made_on or date,
        "plan_sha256": _plan_sha256(content),
        "package": package_version,
        "code_sha256": analysis_code(),
        "analyses": [spec.name for spec in plan.specifications()],
        "files": {name: sha256(plan.root / name) for name in locked_files(plan.content, plan.root)},
        "raw": {name: keyed_checksum(plan.root / name, key) if (plan.root / name).is_file() else None for name in raw},
        "estimates_at_lock": (plan.root / "results" / "estimates.csv").is_file(),
        "replaces": _replaced(replaces),
        "plan": content,
    }
    return record | {"lock_sha256": checksum_of(record)}


def keyed_checksum(path: Path, key: str) -> str:
    """HMAC-SHA256 of a file."""
    return hmac.new(key.encode(), path.read_bytes(), hashlib.sha256).hexdigest()


def lock_key(root: Path) -> str | None:
    """The key of the raw files' checksums, which stands with the private files; None where it is not there."""
    path = root / LOCK_KEY
    return path.read_text(encoding="utf-8").strip() if path.is_file() else None


def checksum_of(record: Mapping[str, Any]) -> str:
    """SHA-256 of everything that a lock, or another record without a checksum of its own, says."""
    said = {key: value for key, value in record.items() if key != "lock_sha256"}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def analysis_code() -> str:
    """SHA-256 over the sources that clean, score and fit; what only prints is no part of it."""
    source = Path(__file__).parents[2]
    files = {
        file
        for step in ("clean_data", "build_dataset", "fit_models", "collect_estimates")
        for file in module_sources(f"cpis_analysis.steps.{step}", source)
    }
    named = [f"{Path(file).relative_to(source).as_posix()} {sha256(file)}" for file in sorted(files)]
    return hashlib.sha256("\n".join(named).encode()).hexdigest()


def locked_files(content: PlanFile, root: Path) -> list[str]:
    """Files beside the plan that say what is analysed: dictionary and value sets."""
    names = {content.data.dictionary}
    for settings in content.scoring_settings().values():
        names |= {str(value) for key, value in settings.items() if key.endswith("_file") and value}
    return sorted(name for name in names if (root / name).is_file())


def raw_names(content: PlanFile) -> list[str]:
    """Raw files of a plan, answers to queries among them."""
    answers = content.data.corrections or []
    return sorted(
        {source.file for source in content.data.sources.values()}
        | set([answers] if isinstance(answers, str) else answers)
    )


def outcomes_at_lock(lock: Mapping[str, Any]) -> list[str]:
    """Raw files with interviews that were there when the plan was locked; whether anybody had looked is not known."""
    sources = lock["plan"]["data"]["sources"].values()
    holding = {
        source["file"] for source in sources if source["holds"] in ("interviews", "measurements", "long", "wide")
    }
    return sorted(name for name, digest in lock["raw"].items() if digest and name in holding)


def read_lock(root: Path, today: str | None = None) -> dict[str, Any] | None:
    """The lock beside a plan, or None.

    Parameters
    ----------
    root : Path
    today : str, optional
        ISO date; a lock can't be of a later one. Default: by the clock.

    Raises
    ------
    PlanError
        If the file is there and is no lock, or is not as `cpis lock` made it: its checksum, its plan's checksum and
        its dates are verified.
    """
    path = root / LOCK
    if not path.is_file():
        return None
    try:
        lock = json.loads(path.read_text(encoding="utf-8"))
        if not all(isinstance(lock[name], kind) for name, kind in _PARTS.items()):
            raise TypeError
        outcomes_at_lock(lock)
        problems = _edited(lock) + _impossible_dates(lock, today or Date.today().isoformat())
    except (ValueError, KeyError, TypeError, AttributeError):
        problems = [
            Problem(
                "it was edited or cut, or an earlier version made it",
                file=LOCK,
                hint="put the file back as it was (git checkout), or lock anew: cpis lock --force (the report says so)",
            )
        ]
    if problems:
        raise PlanError(
            f"{LOCK} is not a lock as `cpis lock` makes it.",
            [
                *problems,
                Problem(
                    "take the lock back from version control",
                    file=LOCK,
                    hint=f"git checkout {LOCK}; if none fits, lock anew: cpis lock --force (the report says so)",
                ),
            ],
        )
    return lock


def unverified_lock(root: Path) -> dict[str, Any] | None:
    """What stands in the place of a lock, whether it holds or not, to be kept on record by the one that replaces it."""
    path = root / LOCK
    if not path.is_file():
        return None
    try:
        lock = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        lock = None
    known = lock if isinstance(lock, dict) else {}
    earlier = known.get("replaces")
    return known | {"replaces": [one for one in earlier if isinstance(one, dict)] if isinstance(earlier, list) else []}


def _edited(lock: Mapping[str, Any]) -> list[Problem]:
    problems = []
    if lock.get("lock_sha256") != checksum_of(lock):
        problems.append(
            Problem(
                "it was edited after it was made: its content does not have the checksum that it names",
                file=LOCK,
                variable="lock_sha256",
                hint="put the file back as it was (git checkout), or lock anew: cpis lock --force (the report says so)",
            )
        )
    if lock["plan_sha256"] != _plan_sha256(lock["plan"]):
        problems.append(
            Problem(
                "the plan in it is not the one that was locked",
                file=LOCK,
                variable="plan_sha256",
                hint="put the file back as it was (git checkout), or lock anew: cpis lock --force (the report says so)",
            )
        )
    return problems


def _impossible_dates(lock: Mapping[str, Any], today: str) -> list[Problem]:
    problems = []
    for name in ("locked_on", "made_on"):
        value = lock[name]
        if Date.fromisoformat(value).isoformat() != value:
            raise ValueError
        if value > today:
            problems.append(
                Problem(
                    "the date lies in the future",
                    file=LOCK,
                    variable=name,
                    value=value,
                    allowed=f"{today} at the latest",
                )
            )
    if lock["locked_on"] > lock["made_on"] and not problems:
        problems.append(
            Problem(
                "it is dated after the day on which it was written",
                file=LOCK,
                variable="locked_on",
                value=lock["locked_on"],
                allowed=f"{lock['made_on']} at the latest",
            )
        )
    return problems


def _plan_sha256(content: Mapping[str, Any]) -> str:
    """As `Plan.digest` has it for a plan without reasons for deviations."""
    text = json.dumps({**content, "deviations": []}, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _replaced(lock: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """The locks before, oldest first."""
    if lock is None:
        return []
    named = {name: str(lock.get(name, "")) for name in ("locked_on", "made_on", "plan_sha256", "lock_sha256")}
    return [*lock.get("replaces", []), named]
