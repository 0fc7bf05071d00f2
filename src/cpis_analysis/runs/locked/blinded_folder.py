"""A blinded study as it was made and as it came back: the key that drew its groups, and what its folder holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cpis_analysis.errors import CpisError, Problem
from cpis_analysis.files import sha256
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.runs.manifests import ARCHIVED, MANIFEST

BLINDING = f"{ARCHIVED}/blinding.json"
"""The key stays with the private files."""
BLINDED = "blinded.json"
"""In the folder of a blinded study: by which key it was made."""
MADE = "key_sha256"

_ESTIMATES = "results/estimates.csv"


@dataclass(frozen=True)
class BlindedResults:
    """What a blinded folder holds when its groups are told.

    Attributes
    ----------
    plan_sha256 : str
        Digest of its plan as resolved.
    plan_changed, data_changed : bool
        Whether plan or data are not those that `cpis blind` wrote.
    manifest_sha256, estimates_sha256 : str
        Of its results; empty where there is no finished run of that plan.
    """

    plan_sha256: str
    plan_changed: bool
    data_changed: bool
    manifest_sha256: str = ""
    estimates_sha256: str = ""


def read_blinding(root: Path) -> dict[str, Any] | None:
    """Key, groups and folder of a blinded study, or None where none was made.

    Raises
    ------
    CpisError
        If the file can't be read: another key would draw another order, so none is made in its place.
    """
    path = root / BLINDING
    if not path.is_file():
        return None
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if not all(isinstance(known[name], kind) for name, kind in (("key", str), ("groups", dict), ("folder", str))):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise CpisError(
            "The key of the blinded study can't be read.",
            Problem("it was edited or cut", file=BLINDING, hint="take it back from a copy"),
        ) from None
    return dict(known)


def blinded_results(folder: Path, mark: str) -> BlindedResults:
    """What a blinded folder holds now.

    Parameters
    ----------
    folder : Path
    mark : str
        Fingerprint of the study's key.

    Raises
    ------
    CpisError
        If the folder is not the study's blinded one, or its plan has mistakes.
    """
    try:
        record = json.loads((folder / BLINDED).read_text(encoding="utf-8"))
        made, files = record[MADE], dict(record["files"])
    except (OSError, ValueError, KeyError, TypeError):
        made, files = "", {}
    if made != mark:
        raise CpisError(
            "This is not the blinded folder of this study.",
            Problem(
                "its record does not name the study's key",
                file=str(folder / BLINDED),
                hint="make the blinded study anew: cpis blind",
            ),
        )
    plan = load_plan(folder / "config.yaml")
    changed = {
        name for name, digest in files.items() if not (folder / name).is_file() or sha256(folder / name) != digest
    }
    finished = _finished(folder, plan.digest())
    return BlindedResults(
        plan_sha256=plan.digest(),
        plan_changed="config.yaml" in changed,
        data_changed=any(name.startswith("data/") for name in changed),
        manifest_sha256=sha256(folder / MANIFEST) if finished else "",
        estimates_sha256=sha256(folder / _ESTIMATES) if finished else "",
    )


def _finished(folder: Path, digest: str) -> bool:
    """Whether the results are those of a whole run of this plan."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        recorded = manifest["outputs"][_ESTIMATES]
        return bool(manifest["plan_sha256"] == digest and sha256(folder / _ESTIMATES) == recorded)
    except (OSError, ValueError, KeyError, TypeError):
        return False
