"""Files that earlier plans left behind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from cpis_analysis.errors import CpisError, Problem
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.runs.manifests import current_outputs

FOLDERS = ("results", "data/processed")
"""Only what rules write may be removed."""


@dataclass(frozen=True)
class StaleFiles:
    """What may be removed.

    Attributes
    ----------
    files : tuple of str
        Relative to the study's folder, sorted.
    analyses : dict of str to tuple of str
        Analyses that a file of results/models holds and that the plan no longer has.
    remarks : tuple of str
    """

    files: tuple[str, ...]
    analyses: dict[str, tuple[str, ...]]
    remarks: tuple[str, ...]


def find_stale(plan: Plan) -> StaleFiles:
    """Files that the manifest calls stale, and fits of models that the plan no longer has.

    What the manifest names is trusted only so far: a file must lie in `FOLDERS`, be no output of the last run, and be
    no link that leads out of them.

    Raises
    ------
    CpisError
        If there is no manifest.
    """
    path = plan.root / "results" / "manifest.json"
    if not path.is_file():
        raise CpisError(
            "There is no manifest, so nothing is known to be stale.",
            Problem("no such file", file="results/manifest.json", hint="run: cpis run"),
        )
    manifest = json.loads(path.read_text(encoding="utf-8"))
    remarks = []
    models = {spec.model for spec in plan.specifications()}
    left = {
        f"results/models/{file.name}"
        for file in (plan.root / "results" / "models").glob("*.json")
        if file.stem not in models
    }
    if manifest.get("plan_sha256") != plan.digest():
        remarks.append("The plan was changed after the last run; run it, and more may become stale.")
    current = current_outputs(plan.root) - left
    files = sorted(
        name
        for name in {*map(str, manifest.get("stale", [])), *left}
        if name not in current and _removable(plan.root, name)
    )
    analyses = {}
    for name in files:
        if name.startswith("results/models/"):
            analyses[name] = _analyses(plan.root / name)
    return StaleFiles(tuple(files), analyses, tuple(remarks))


def remove_stale(plan: Plan, stale: StaleFiles) -> list[str]:
    """Remove the files; returns those that are gone, and leaves emptied folders away."""
    gone = []
    for name in stale.files:
        path = plan.root / name
        if _removable(plan.root, name):
            path.unlink()
            gone.append(name)
            parent = path.parent
            while parent != plan.root and parent.name not in ("results", "processed") and not any(parent.iterdir()):
                parent.rmdir()
                parent = parent.parent
    return gone


def _removable(root: Path, name: str) -> bool:
    path = root / name
    if not (path.is_file() or path.is_symlink()):
        return False
    real = path.parent.resolve() / path.name
    raw = (root / "data" / "raw").resolve()
    return not real.is_relative_to(raw) and any(real.is_relative_to((root / folder).resolve()) for folder in FOLDERS)


def _analyses(path: Path) -> tuple[str, ...]:
    try:
        return tuple(record["spec"]["name"] for record in json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError):
        return ()
