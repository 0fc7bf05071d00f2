"""A run as it can be read back: a results folder, an archived run, or what a git revision holds."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cpis_analysis.errors import CpisError, Problem
from cpis_analysis.plan.reading.load import Plan, load_plan
from cpis_analysis.plan.specification_records import spec_record
from cpis_analysis.runs.git import git_output
from cpis_analysis.runs.manifests import ARCHIVED, PRIVATE_MANIFEST, private_inputs
from cpis_analysis.runs.plan_changes import plan_changes, todays_form
from cpis_analysis.runs.stored_levels import todays_record, todays_row

BESIDE = ("tipping.csv", "flow.json", "design_audit.json")
"""Result files with numbers beside estimates.csv and tables."""

ARCHIVES = "runs"
"""Folder of archived runs, beside the plan."""

_TEXT = {
    "analysis",
    "outcome",
    "model",
    "population",
    "contrast",
    "df_method",
    "warnings",
    "family",
    "adjustment",
    "std_sd_source",
    "formula",
    "singular",
    "converged",
    "status",
    "reason",
}

Read = Callable[[str], str | None]


@dataclass(frozen=True)
class Run:
    """What is known of a run.

    Attributes
    ----------
    name : str
        As it was asked for.
    source : str
        What it was read from, in words.
    estimates : dict
        Rows of estimates.csv by analysis and contrast; numbers are floats or None.
    manifest : dict
        ``plan_sha256``, ``inputs``, ``versions`` and more; empty where there is none. ``inputs`` takes in the raw
        files from the private manifest; where that is not here, they have no checksum (None).
    plan : dict or None
        The resolved plan; None where it is not known any more.
    document : object or None
        Lines of the plan (`yaml_reader.Document`).
    specs : dict
        Specifications by name, as records.
    files : dict
        Content of the result files beside estimates.csv that an archive keeps, too, by name.
    complete : bool
        Whether the manifest is that of these estimates. It is not after a run that was told to make some files only, or
        where the estimates were edited; plan, data and versions behind them are not known then.
    """

    name: str
    source: str
    estimates: dict[tuple[str, str], dict[str, Any]]
    manifest: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, Any] | None = None
    document: Any = None
    specs: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    complete: bool = True

    def line_of(self, path: tuple[str, ...]) -> int | None:
        """Line of a key in this run's plan."""
        return None if self.document is None else self.document.line_of(path)


def read_run(name: str, root: Path) -> Run:
    """Read a run by the name that a user gives it.

    1. A folder that holds ``estimates.csv`` (an archive or a results folder) or ``results/estimates.csv`` (a study).
    2. An archived run: its hash, or the beginning of it.
    3. A git revision that holds ``results/estimates.csv``; where it holds only the plan, the archived run of that
       plan.

    Parameters
    ----------
    name : str
    root : Path
        Folder of the plan.

    Raises
    ------
    CpisError
        If nothing of that name is a run.
    """
    for base in (Path(name), root / name):
        if (base / "estimates.csv").is_file():
            return _from_folder(name, base)
        if (base / "results" / "estimates.csv").is_file():
            return _from_folder(name, base / "results")
    archives = [folder for folder in archived_runs(root) if folder.name.startswith(name)]
    if len(archives) == 1:
        return _from_folder(name, archives[0])
    if len(archives) > 1:
        raise CpisError(
            f"More than one archived run begins with {name}.",
            [
                Problem("archived run", value=folder.name, hint="name a run that cpis archive lists")
                for folder in archives
            ],
        )
    run = _from_git(name, root)
    if run is not None:
        return run
    known = ", ".join(folder.name for folder in archived_runs(root)) or "none"
    raise CpisError(
        f"There is no run {name}.",
        Problem(
            "no results folder, archived run or git revision of this name",
            value=name,
            allowed=f"a folder with estimates.csv; archived runs: {known}; a git revision",
        ),
    )


def archived_runs(root: Path) -> list[Path]:
    """Folders of archived runs, sorted by name."""
    folder = root / ARCHIVES
    return sorted(path for path in folder.glob("*") if (path / "estimates.csv").is_file()) if folder.is_dir() else []


def _from_folder(name: str, folder: Path) -> Run:
    def read(file: str) -> str | None:
        path = folder / file
        return path.read_text(encoding="utf-8") if path.is_file() else None

    archived = (folder / "run.json").is_file()
    plan_path = folder / "config.yaml" if archived else folder.resolve().parent / "config.yaml"
    source = f"archived run {folder.name}" if archived else f"results folder {folder.as_posix()}"
    specs = _specs(read, folder)
    study = folder.resolve().parents[1] if archived else folder.resolve().parent
    private = study / (f"{ARCHIVED}/{folder.name}.json" if archived else PRIVATE_MANIFEST)
    run = _run(name, source, read, _load_quietly(plan_path), specs, archived, private_inputs(private))
    tables = [path.relative_to(folder).as_posix() for path in sorted((folder / "tables").rglob("*.csv"))]
    files = {file: text for file in (*BESIDE, *tables) if (text := read(file)) is not None}
    return replace(run, files={file: _todays_text(file, text, run) for file, text in files.items()})


def _from_git(name: str, root: Path) -> Run | None:
    prefix = git_output(root, "rev-parse", "--show-prefix")
    if (
        name.startswith("-")
        or prefix is None
        or git_output(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}") is None
    ):
        return None

    def read(file: str) -> str | None:
        return git_output(root, "show", f"{name}:{prefix.strip()}{file}")

    text = read("config.yaml")
    plan = None
    if text is not None:
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "config.yaml"
            path.write_text(text, encoding="utf-8")
            plan = _load_quietly(path)
    if read("results/estimates.csv") is not None:
        return _run(name, f"git revision {name}", lambda file: read(f"results/{file}"), plan, {}, False)
    if plan is not None:
        for folder in archived_runs(root):
            run = _from_folder(name, folder)
            if run.manifest.get("plan_sha256") == plan.digest():
                return run
    raise CpisError(
        f"The git revision {name} holds no results.",
        Problem(
            "neither results/estimates.csv in the revision nor an archived run of its plan",
            value=name,
            hint="archive a run of that plan: git worktree, cpis run, cpis archive",
        ),
    )


def _run(
    name: str,
    source: str,
    read: Read,
    plan: Plan | None,
    specs: dict[str, dict[str, Any]],
    belongs: bool,
    private: Mapping[str, str] | None = None,
) -> Run:
    """Put a run together; ``belongs``: the plan is known to be the run's own, whatever its hash is today."""
    estimates = read("estimates.csv")
    if estimates is None:
        raise CpisError(f"The run {name} has no estimates.")
    manifest = _json(read("manifest.json"), name)
    recorded = manifest.get("outputs", {}).get("results/estimates.csv")
    if recorded is not None and recorded != hashlib.sha256(estimates.encode()).hexdigest():
        return Run(name, source, _estimates(estimates), specs=specs, complete=False)
    if "private_inputs" in manifest:
        raw = {file: (private or {}).get(file) for file in manifest["private_inputs"]}
        manifest["inputs"] = manifest.get("inputs", {}) | raw
    stored = manifest.get("plan") if isinstance(manifest.get("plan"), dict) else _json(read("plan.json"), name) or None
    document = None
    if stored is not None:
        stored = todays_form(stored)
    same = plan is not None and stored is not None and not plan_changes(stored, plan.content.model_dump(mode="json"))
    if plan is not None and (belongs or same or manifest.get("plan_sha256") in (None, plan.digest())):
        stored, document = plan.content.model_dump(mode="json"), plan.document
        specs = specs or _specs_of(plan)
    rows = {key: todays_row(row, _levels(stored)) for key, row in _estimates(estimates).items()}
    return Run(name, source, rows, manifest, stored, document, specs)


def _levels(plan: dict[str, Any] | None) -> list[str]:
    """Levels of a plan; those after which the code calls them where it is not known."""
    found = (plan or {}).get("design", {}).get("levels")
    return ["trust", "team"] if found is None else [level["variable"] for level in found]


def _todays_text(file: str, text: str, run: Run) -> str:
    levels = _levels(run.plan)
    if not file.endswith(".json") or levels == ["trust", "team"]:
        return text
    return json.dumps(todays_record(file, _json(text, run.name), levels))


def _estimates(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    rows = {}
    for row in csv.DictReader(io.StringIO(text)):
        rows[row["analysis"], row["contrast"]] = {
            key: value if key in _TEXT else _number(value) for key, value in row.items()
        }
    return rows


def _number(text: str | None) -> float | str | None:
    if text in (None, ""):
        return None
    try:
        return float(text)
    except ValueError:
        return text


def _specs(read: Read, folder: Path) -> dict[str, dict[str, Any]]:
    stored = _json(read("specs.json"), folder.name)
    if stored:
        return {record["name"]: record for record in stored}
    found = {}
    for path in sorted((folder / "models").glob("*.json")):
        for record in json.loads(path.read_text(encoding="utf-8")):
            found[record["spec"]["name"]] = record["spec"]
    return found


def _specs_of(plan: Plan) -> dict[str, dict[str, Any]]:
    return {spec.name: spec_record(spec) for spec in plan.specifications()}


def _json(text: str | None, name: str) -> Any:
    if text is None:
        return {}
    try:
        return json.loads(text)
    except ValueError as error:
        raise CpisError(
            f"A file of the run {name} is not JSON.", Problem(str(error), hint="make the results again: cpis run")
        ) from None


def _load_quietly(path: Path) -> Plan | None:
    """A plan, or None where it is absent or of another version of the schema."""
    try:
        return load_plan(path)
    except CpisError:
        return None
