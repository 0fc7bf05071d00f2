"""A run kept under its hash, so that a later one has something to be held against."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cpis_analysis.errors import CpisError, Problem
from cpis_analysis.files import sha256, write_bytes, write_json
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.specification_records import spec_record
from cpis_analysis.runs.manifests import ARCHIVED, PRIVATE_MANIFEST
from cpis_analysis.runs.people import keep_people
from cpis_analysis.runs.record import ARCHIVES, archived_runs

FILES = ("estimates.csv", "tipping.csv", "manifest.json", "flow.json", "design_audit.json")
FOLDERS = ("tables",)
LENGTH = 12


def archive_run(plan: Plan, undone: Callable[[], Sequence[str]], note: str = "") -> tuple[Path, bool]:
    """Copy the results that say what was found, with the plan behind them.

    Kept: estimates, tables, manifest, flow, design audit, the plan as written and as resolved, the specifications.
    None of it holds rows of data; checksums of the raw files, and digests of the people, are kept apart, in
    data/archived.

    Parameters
    ----------
    plan : Plan
    undone : callable
        Says in words what a run would do again: then the results are not those of the plan, the data and the code.
        Asked only if the manifest has nothing against the results.
    note : str

    Returns
    -------
    Path, bool
        The archive's folder, and whether it is new (the same run is kept once).

    Raises
    ------
    CpisError
        If there is no complete run, results were changed after the manifest, the plan after the run, or a run would
        do anything again.
    """
    results = plan.root / "results"
    manifest = _checked_manifest(plan, results)
    problems = [Problem(f"a run would do this again: {what}", hint="run: cpis run") for what in undone()]
    if problems:
        raise CpisError("The results are not current; nothing was archived.", problems)
    name = sha256(results / "manifest.json")[:LENGTH]
    folder = plan.root / ARCHIVES / name
    new = not (folder / "run.json").is_file()
    if new:
        for file in _kept(results):
            write_bytes(folder / file, (results / file).read_bytes())
        write_bytes(
            folder / "config.yaml",
            (plan.root / plan.document.file).read_bytes()
            if (plan.root / plan.document.file).is_file()
            else Path(plan.document.file).read_bytes(),
        )
        write_json(folder / "plan.json", plan.content.model_dump(mode="json"))
        write_json(folder / "specs.json", [spec_record(spec) for spec in plan.specifications()])
        if (plan.root / PRIVATE_MANIFEST).is_file():
            write_bytes(plan.root / ARCHIVED / f"{name}.json", (plan.root / PRIVATE_MANIFEST).read_bytes())
        keep_people(plan.root, name, plan.content.design.participant)
        write_json(folder / "run.json", {"run": name, "plan_sha256": manifest["plan_sha256"], "note": note})
    return folder, new


def list_archives(root: Path) -> list[dict[str, Any]]:
    """Archived runs with their notes, sorted by hash."""
    rows = []
    for folder in archived_runs(root):
        path = folder / "run.json"
        record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"run": folder.name}
        lines = (folder / "estimates.csv").read_text(encoding="utf-8").splitlines()
        rows.append(record | {"folder": folder.relative_to(root).as_posix(), "estimates": max(len(lines) - 1, 0)})
    return rows


def _checked_manifest(plan: Plan, results: Path) -> dict[str, Any]:
    if not (results / "manifest.json").is_file() or not (results / "estimates.csv").is_file():
        raise CpisError(
            "There is no complete run to be archived.",
            Problem("no manifest", file="results/manifest.json", hint="run: cpis run"),
        )
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    problems = []
    if manifest.get("plan_sha256") != plan.digest():
        problems.append(Problem("the plan was changed after this run", file=plan.document.file, hint="run: cpis run"))
    for file in FILES:
        recorded = manifest.get("outputs", {}).get(f"results/{file}")
        if recorded is not None and (results / file).is_file() and sha256(results / file) != recorded:
            problems.append(
                Problem("the file is not the one of the manifest", file=f"results/{file}", hint="run: cpis run")
            )
    if problems:
        raise CpisError("The results do not belong together; nothing was archived.", problems)
    return manifest


def _kept(results: Path) -> list[str]:
    found = [file for file in FILES if (results / file).is_file()]
    for folder in FOLDERS:
        found += [
            path.relative_to(results).as_posix()
            for path in sorted((results / folder).rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        ]
    return found
