"""results/manifest.json: hashes of what is fit to be shared, versions, plan, seed; stale files by name.

Beside it results/ro-crate-metadata.json, which says the same to catalogues of research data. Hashes of files about
people stand in data/processed/manifest.json.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cpis_analysis
from cpis_analysis.errors import DataError, Problem
from cpis_analysis.files import sha256, write_json
from cpis_analysis.provenance import checksums, sources_of_steps, stale_files, versions
from cpis_analysis.runs.crate import crate_metadata
from cpis_analysis.runs.making import INDEXES, Digests, exhibit_files, read_makings
from cpis_analysis.runs.outputs import RESULTS
from cpis_analysis.steps.command import run_step

FOLDERS = ("data/processed", "results")
DATA = (
    "answers.csv",
    "audit.csv",
    "codebook.csv",
    "codebook.html",
    "flow.json",
    "measurements.csv",
    "measurements.parquet",
    "participants.csv",
    "participants.parquet",
    "queries.csv",
    "queries.xlsx",
    "reconciliation.csv",
    "scoring.csv",
    "set_aside.csv",
    "sources.csv",
    "summaries.json",
    "translations.csv",
)
CLEAN = ("clusters.parquet", "measurements.parquet", "participants.parquet", "themes.parquet")


def main(spec: dict[str, Any], raw: list[str], out: str, crate: str, private: str) -> None:
    root = Path.cwd()
    processed = [f"data/processed/{name}" for name in DATA] + [f"data/processed/clean/{name}" for name in CLEAN]
    outputs = exhibit_files(root, [*(f"results/{name}" for name in RESULTS), *spec["models"], *INDEXES])
    digests = Digests(root)
    _as_written(root, [*processed, *outputs], digests)
    # The cross-check is asked for by name; where it has been run it is not stale, but it is not part of the run.
    known = [*processed, *outputs, out, crate, private, "results/cross_check.csv"]
    stale = stale_files(map(Path, FOLDERS), known, root)
    public = set(spec["public"])
    record = {
        "plan_sha256": spec["digest"],
        "seed": spec["plan"]["study"]["seed"],
        "versions": versions(),
        "inputs": checksums(public, root),
        "private_inputs": sorted(set(raw) - public),
        "outputs": digests.of(outputs),
        "stale": stale,
        "plan": spec["plan"],
        "code": _code(),
    }
    write_json(
        private,
        {
            "about": "Hashes of files about people. Keep them where the files are.",
            "inputs": checksums(set(raw) - public, root),
            "outputs": digests.of(processed),
        },
    )
    write_json(out, record)
    write_json(crate, _crate(record, spec["study"], Path(crate).parent))
    for name in stale:
        print(f"stale: {name} belongs to no analysis of the present plan")


def _as_written(root: Path, outputs: list[str], digests: Digests) -> None:
    """Make sure that no file was changed between its step and this one: a manifest must not bless it.

    Raises
    ------
    DataError
        With the files that are not there, or differ from the records of the jobs that wrote them.
    """
    written = {name: digest for making in read_makings(root).values() for name, digest in making.outputs.items()}
    differ = [name for name in outputs if digests(name) is None or digests(name) != written.get(name, digests(name))]
    if differ:
        raise DataError(
            "Files were changed while the run went on; no manifest was written.",
            [
                Problem("changed since it was written", file=name, hint="a run makes it again: cpis run")
                for name in differ
            ],
        )


def _crate(record: dict[str, Any], study: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The crate is the folder of the results; processed data are private and stay outside."""
    prefix = f"{folder.as_posix()}/"
    outputs = {name.removeprefix(prefix): digest for name, digest in record["outputs"].items()}
    outputs["manifest.json"] = sha256(folder / "manifest.json")
    return crate_metadata(
        name=study["name"],
        description=study["description"],
        credits=study["credits"],
        outputs=outputs,
        inputs=record["inputs"] | dict.fromkeys(record["private_inputs"], ""),
        versions=record["versions"],
        plan_digest=record["plan_sha256"],
        sizes={name: os.path.getsize(os.path.join(folder, name)) for name in outputs},
    )


def _code() -> dict[str, str]:
    """SHA-256 of the package's modules, by their path within the package's folder."""
    source = Path(cpis_analysis.__file__).parents[1]
    return checksums(sources_of_steps(source), source)


if __name__ == "__main__":
    run_step(main, "spec", "raw*", "out", "crate", "private")
