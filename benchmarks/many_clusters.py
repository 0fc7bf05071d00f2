"""How long a large study takes from its raw file to its report: 300 clusters of 30 people, four waves, 20 outcomes.

    python benchmarks/many_clusters.py [--clusters 300] [--people 30] [--waves 4] [--outcomes 20] [--cores 2]
                                       [--keep FOLDER]

Makes a wide raw file (schools randomised, people leave, one outcome in five is an event), lets `cpis new` write the
plan with its usual models, and runs it whole. Prints wall and processor seconds, interpreter start-up included, of
`cpis new`, of cleaning up to the analysis data, of the analyses, and of the rest up to page, Word and PDF.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from timed_call import timed_call

CLI = "from cpis_analysis.cli import main; main()"
STAGES = {
    "raw file to analysis data": ("data/processed/participants.parquet", "results/design_audit.json"),
    "all analyses to estimates.csv": ("results/estimates.csv",),
    "report as page, Word and PDF": (),
}


def write_raw(path: Path, clusters: int, people: int, waves: int, outcomes: int) -> list[str]:
    """Write the raw file; gives the names of its outcomes, events among them."""
    rng = np.random.default_rng(20_26)
    n = clusters * people
    school = np.repeat(np.arange(clusters), people)
    arm = school % 2
    columns = {
        "pupil_id": [f"P{number:06d}" for number in range(1, n + 1)],
        "school_id": [f"S{number + 1:04d}" for number in school],
        "arm": np.where(arm == 1, "new", "usual"),
        "age": rng.integers(8, 16, n),
        "sex": rng.choice(["girl", "boy"], n),
    }
    here = [rng.random(n) >= (0.08 if wave else 0.0) for wave in range(waves)]
    names = []
    for number in range(1, outcomes + 1):
        is_event = number % 5 == 0
        names.append(f"passed{number}" if is_event else f"score{number}")
        own = rng.normal(0, 5, n) + rng.normal(0, 2, clusters)[school]
        for wave in range(waves):
            value = 50 + own + 0.5 * wave * arm + rng.normal(0, 4, n)
            last = wave == waves - 1
            if is_event and last:
                columns[names[-1]] = np.where(here[wave], np.where(value > 50, "yes", "no"), "")
            elif not is_event:
                name = f"{names[-1]}.{wave * 3}m" if wave else f"{names[-1]}.pre"
                columns[name] = pd.Series(value.round(1)).where(here[wave])
    pd.DataFrame(columns).to_csv(path, index=False)
    return names


def timed(folder: Path, *arguments: str) -> tuple[float, float]:
    """Wall and processor seconds of one call of `cpis`."""
    return timed_call(folder, [sys.executable, "-c", CLI, *arguments], lambda name: not name.startswith("SNAKEMAKE"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, size in (("clusters", 300), ("people", 30), ("waves", 4), ("outcomes", 20), ("cores", 2)):
        parser.add_argument(f"--{name}", type=int, default=size)
    parser.add_argument("--keep", type=Path, help="Make the study here and leave it.")
    given = parser.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="many-clusters-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        names = write_raw(folder / "raw.csv", given.clusters, given.people, given.waves, given.outcomes)
        told = ["--file", "raw.csv", "--yes", "--randomised", "--cluster", "school_id", "--characteristic", "age"]
        told += ["--characteristic", "sex", *(part for name in names for part in ("--outcome", name))]
        print(
            f"{given.clusters} clusters of {given.people} people, {given.waves} waves, {given.outcomes} outcomes, "
            f"{given.cores} cores\n\n| what | wall s | processor s |\n|---|---:|---:|",
            flush=True,
        )
        times = {"`cpis new`": timed(folder, "new", "study", *told)}
        print("| {} | {:.1f} | {:.1f} |".format("`cpis new`", *times["`cpis new`"]), flush=True)
        for stage, targets in STAGES.items():
            times[stage] = timed(folder / "study", "run", "--cores", str(given.cores), *targets)
            print("| {} | {:.1f} | {:.1f} |".format(stage, *times[stage]), flush=True)
        total = [sum(one) for one in zip(*times.values(), strict=True)]
        print("| together | {:.1f} | {:.1f} |".format(*total))
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
