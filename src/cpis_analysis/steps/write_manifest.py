"""results/manifest.json: hashes of every input and output, versions, plan, seed; stale files by name.

Beside it results/ro-crate-metadata.json, which says the same to catalogues of research data.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cpis_analysis.files import sha256, write_json
from cpis_analysis.provenance import checksums, stale_files, versions
from cpis_analysis.runs.crate import crate_metadata
from cpis_analysis.steps.command import run_step

FOLDERS = ("data/processed", "results")
DATA = ("answers.csv", "audit.csv", "codebook.csv", "codebook.html", "flow.json", "interviews.csv",
        "interviews.parquet", "participants.csv", "participants.parquet", "queries.csv", "queries.xlsx",
        "reconciliation.csv", "scoring.csv", "set_aside.csv", "sources.csv", "summaries.json", "translations.csv")
CLEAN = ("interviews.parquet", "participants.parquet", "teams.parquet", "themes.parquet")
RESULTS = ("design_audit.json", "disclosure_log.csv", "estimates.csv", "flow.json", "report/findings.docx",
           "report/findings.html", "report/findings.pdf", "report/numbers.json", "report/summary.docx",
           "report/summary.html", "report/summary.pdf", "report/tables.xlsx", "summaries.json", "tipping.csv")
INDEXES = ("results/tables/tables.json", "results/figures/figures.json")


def main(spec: dict[str, Any], raw: list[str], out: str, crate: str, code: list[str]) -> None:
    root = Path.cwd()
    outputs = [f"data/processed/{name}" for name in DATA] + [f"data/processed/clean/{name}" for name in CLEAN]
    outputs += [f"results/{name}" for name in RESULTS] + spec["models"]
    for index in INDEXES:
        outputs += [index, *(f"{Path(index).parent.as_posix()}/{name}" for name in _files(root / index))]
    # The cross-check is asked for by name; where it has been run it is not stale, but it is not part of the run.
    stale = stale_files(map(Path, FOLDERS), [*outputs, out, crate, "results/cross_check.csv"], root)
    record = {
        "plan_sha256": spec["digest"],
        "seed": spec["plan"]["study"]["seed"],
        "versions": versions(),
        "inputs": checksums(sorted(set(raw)), root),
        "outputs": checksums(outputs, root),
        "stale": stale,
        "plan": spec["plan"],
        "code": _code(code),
    }
    write_json(out, record)
    write_json(crate, _crate(record, spec["study"], Path(crate).parent))
    for name in stale:
        print(f"stale: {name} belongs to no analysis of the present plan")


def _crate(record: dict[str, Any], study: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The crate is the folder of the results; processed data are private and stay outside."""
    prefix = f"{folder.as_posix()}/"
    shared = {name: digest for name, digest in record["outputs"].items() if name.startswith(prefix)}
    outputs = {name.removeprefix(prefix): digest for name, digest in shared.items()}
    outputs["manifest.json"] = sha256(folder / "manifest.json")
    return crate_metadata(
        name=study["name"], description=study["description"], authors=study["authors"], outputs=outputs,
        inputs=record["inputs"], versions=record["versions"], plan_digest=record["plan_sha256"],
        sizes={name: (folder / name).stat().st_size for name in outputs},
    )


def _code(files: list[str]) -> dict[str, str]:
    """SHA-256 of the package's modules, by their path within the package's folder."""
    return {file.replace("\\", "/").rpartition("src/")[2]: sha256(file) for file in sorted(files)}


def _files(index: Path) -> list[str]:
    """Files that an index of tables or figures names, relative to the index."""
    return [name for entry in json.loads(index.read_text(encoding="utf-8")) for name in entry["files"]]


if __name__ == "__main__":
    run_step(main, "spec", "raw*", "out", "crate", "code*")
