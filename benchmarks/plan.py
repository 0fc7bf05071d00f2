"""How long a large plan takes: 100 outcomes by 10 models, and how soon one edited model is in the report.

    python benchmarks/plan.py [--cores 2] [--outcomes 100] [--until estimates|report] [--keep FOLDER]

Makes a temporary project of the shipped study's size: its raw interviews with made-up outcomes beside the real items,
and a plan that fits ten models to each. Prints wall and processor time, interpreter start-up included, of

- all analyses, from clean data to results/estimates.csv;
- everything from the estimates to the report;
- one edited model formula, to the estimates, to the report as a page, and to its other forms.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
import yaml
from timed_call import timed_call

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("Snakefile", "workflow", "profiles", "src", "data/raw")
MODELS = (
    "ancova",
    "trust_fixed",
    "team_only",
    "change",
    "longitudinal",
    "cr2_trust",
    "cr2_team",
    "cluster_t",
    "cluster_t_paired",
    "post",
)
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".snakemake")


def make_project(folder: Path, outcomes: int) -> None:
    """Copy the project, add outcomes to its raw files and its dictionary, and write the plan."""
    for name in PARTS:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=LEFT_OUT)
        else:
            shutil.copy(source, target)
    names = [f"made{i:03d}" for i in range(1, outcomes + 1)]
    raw = folder / "data" / "raw"
    add_columns(raw / "baseline.csv", names, 0)
    add_columns(raw / "six_months.csv", names, 1)
    with (raw / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    for name in names:
        row = dict.fromkeys(header, "")
        row |= {
            "Variable / Field Name": name,
            "Form Name": "interview",
            "Field Type": "text",
            "Field Label": f"Made-up outcome {name}",
            "Waves": "0m;6m",
            "Text Validation Type OR Show Slider Number": "number",
        }
        rows.append([row[column] for column in header])
    with (raw / "dictionary.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])

    plan = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    plan["data"]["checksums"] = None
    plan["models"] = {name: plan["models"][name] for name in MODELS}
    plan["outcomes"] = {
        name: {"label": f"Made-up outcome {name}", "role": "secondary" if i else "primary", "models": list(MODELS)}
        for i, name in enumerate(names)
    }
    plan["families"] = {"all": {"outcomes": names[1:], "method": "holm"}}
    plan["populations"], plan["covariates"], plan["derived"] = {}, {}, {}
    write_plan(folder, plan)


def write_plan(folder: Path, plan: dict) -> None:
    """JSON is YAML, in which a date is its text."""
    (folder / "config.yaml").write_text(json.dumps(plan, indent=1, default=str), encoding="utf-8")


def add_columns(path: Path, names: list[str], wave: int) -> None:
    """Numbers that depend on the person and on the team, the same in every copy of a row."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    person, team = header.index("participant_id"), header.index("team")
    for row in rows:
        who = np.random.default_rng(zlib.crc32(row[person].strip().upper().encode()))
        where = np.random.default_rng(zlib.crc32(row[team].strip().lower().encode()))
        level = who.normal(50, 8, len(names)) + where.normal(0, 3, len(names))
        now = np.random.default_rng([zlib.crc32(row[person].strip().upper().encode()), wave])
        row += [f"{value:.2f}" for value in level + now.normal(0, 5, len(names))]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header + names, *rows])


def timed(folder: Path, cores: int, *targets: str) -> tuple[float, float]:
    """Wall and processor seconds of one call of Snakemake."""
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), *targets]
    return timed_call(folder, command, lambda name: name not in ("PYTHONPATH", "SNAKEMAKE_PROFILE"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--outcomes", type=int, default=100)
    parser.add_argument("--until", choices=("estimates", "report"), default="report")
    parser.add_argument("--keep", type=Path, help="Make the project here and leave it.")
    given = parser.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="plan-benchmark-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        make_project(folder, given.outcomes)
        data = ("data/processed/participants.parquet", "results/design_audit.json")
        cases = [("raw data to analysis data", data), ("all analyses to estimates.csv", ("results/estimates.csv",))]
        if given.until == "report":
            cases.append(("estimates to report", ()))
        print(f"{given.outcomes * len(MODELS)} analyses, {given.cores} cores\n", flush=True)
        print("| what | wall s | processor s |\n|---|---|---|", flush=True)
        for name, targets in cases:
            print("| {} | {:.1f} | {:.1f} |".format(name, *timed(folder, given.cores, *targets)), flush=True)
        plan = json.loads((folder / "config.yaml").read_text(encoding="utf-8"))
        plan["models"]["trust_fixed"]["formula"] = plan["models"]["trust_fixed"]["formula"].replace(" + gender", "")
        write_plan(folder, plan)
        cases = [("one edited model to estimates.csv", ("results/estimates.csv",))]
        if given.until == "report":
            cases += [
                ("from there to the report as a page", ("results/report/findings.html",)),
                ("from there to Word, PDF, workbook, numbers and manifest", ()),
            ]
        for name, targets in cases:
            print("| {} | {:.1f} | {:.1f} |".format(name, *timed(folder, given.cores, *targets)), flush=True)
    finally:
        if given.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
