"""How long 100,000 interviews of 150 variables take from CSV to clean, scored Parquet, and how much memory.

    python benchmarks/intake.py                     sizes 12,500 to 100,000
    python benchmarks/intake.py --interviews 100000

Each size runs the two steps of the workflow (clean_data, build_dataset) as it would: one process each, one thread.
Every hundredth cell is dirty: white space, missing codes, labels, decimal commas, values out of range, other date
orders. Time is wall time and CPU time of both steps; memory is the larger of their peaks.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

VARIABLES = 150
INSTRUMENTS = {"rguk": (27, 0, 1), "wemwbs": (14, 1, 5), "qpr": (15, 0, 4)}
COLUMNS = (
    "Variable / Field Name",
    "Form Name",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Missing Codes",
    "Waves",
)
GENDER = "female, Female | male, Male | other, Other"
DIRT = {
    "integer": (" 3", "-9", "99", "about 3", "three"),
    "number": ('"12,5"', "-9", "1e9"),
    "category": ("Female", " male", "-9", "F"),
}


def columns() -> list[tuple[str, str, float, float]]:
    """Interview variables beside number and date: name, type, least, greatest."""
    found: list[tuple[str, str, float, float]] = [("age", "integer", 16, 110), ("gender", "category", 0, 2)]
    for name, (count, low, high) in INSTRUMENTS.items():
        found += [(f"{name}_{at:02d}", "integer", low, high) for at in range(1, count + 1)]
    spare = VARIABLES - 2 - len(found)
    found += [(f"q_{at:03d}", "integer", 0, 7) for at in range(spare - 20)]
    return found + [(f"m_{at:03d}", "number", 0, 1000) for at in range(20)]


def write_study(folder: Path, interviews: int, seed: int = 1) -> dict:
    """Raw files of a study; returns what the two steps need of the plan."""
    rng = np.random.default_rng(seed)
    people = interviews // 2
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    ids = np.array([f"P{at:06d}" for at in range(people)], dtype=object)
    trust = rng.integers(0, 10, people)
    team = rng.integers(0, 2, people)
    lines = ["participant_id,trust,team,arm"]
    lines += [
        f"{person},T{a},{'NS'[b]},{'comparison' if b else 'implementation'}"
        for person, a, b in zip(ids, trust, team, strict=True)
    ]
    (raw / "participants.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    asked = columns()
    for wave, start in (("0m", np.datetime64("2018-01-01")), ("6m", np.datetime64("2018-07-01"))):
        cells = [ids, (start + rng.integers(0, 150, people)).astype(str).astype(object)]
        cells += [_answers(rng, kind, low, high, people) for _, kind, low, high in asked]
        header = ",".join(["participant_id", "interview_date", *(name for name, *_ in asked)])
        with open(raw / f"{wave}.csv", "w", encoding="utf-8") as stream:
            stream.write(header + "\n")
            stream.writelines(",".join(row) + "\n" for row in zip(*cells, strict=True))
    _write_dictionary(raw / "dictionary.csv", asked)
    sources = {
        "participants": {"file": "data/raw/participants.csv", "holds": "participants"},
        "baseline": {"file": "data/raw/0m.csv", "holds": "interviews", "wave": "0m"},
        "followup": {"file": "data/raw/6m.csv", "holds": "interviews", "wave": "6m"},
    }
    design = {
        "participant": "participant_id",
        "arm": {"variable": "arm", "reference": "comparison"},
        "levels": [{"variable": "trust"}, {"variable": "team"}],
        "interview_date": "interview_date",
        "characteristics": ["age", "gender"],
        "waves": [{"name": "0m", "label": "Baseline", "months": 0}, {"name": "6m", "label": "Six months", "months": 6}],
    }
    return {
        "data": {"dictionary": "data/raw/dictionary.csv", "sources": sources},
        "design": design,
        "cleaning": {},
        "scoring": {name: {"instrument": name} for name in INSTRUMENTS},
        "outcomes": list(INSTRUMENTS),
        "minimum_cell": 5,
    }


def _answers(rng: np.random.Generator, kind: str, low: float, high: float, count: int) -> np.ndarray:
    if kind == "category":
        cells = np.array(["female", "male", "other"], dtype=object)[rng.integers(0, 3, count)]
    elif kind == "integer":
        cells = rng.integers(int(low), int(high) + 1, count).astype(str).astype(object)
    else:
        cells = np.round(rng.uniform(low, high, count), 2).astype(str).astype(object)
    dirty = np.flatnonzero(rng.random(count) < 0.01)
    cells[dirty] = rng.choice(np.array([*DIRT[kind], ""], dtype=object), dirty.size)
    return cells


def _write_dictionary(path: Path, asked: list[tuple[str, str, float, float]]) -> None:
    trusts = " | ".join(f"T{at}, Trust {at}" for at in range(10))
    rows = [
        ("participant_id", "participants", "text", "Participant", "", "", "", "", "", ""),
        ("trust", "participants", "radio", "Trust", trusts, "", "", "", "", ""),
        ("team", "participants", "radio", "Team", "N, North | S, South", "", "", "", "", ""),
        (
            "arm",
            "participants",
            "radio",
            "Arm",
            "comparison, Comparison | implementation, Implementation",
            "",
            "",
            "",
            "",
            "",
        ),
        ("interview_date", "interview", "text", "Date", "", "date_ymd", "2018-01-01", "2019-12-31", "", "0m;6m"),
    ]
    for name, kind, low, high in asked:
        if kind == "category":
            rows.append((name, "interview", "radio", name, GENDER, "", "", "", "-9, Missing", "0m;6m"))
        else:
            rows.append((name, "interview", "text", name, "", kind, f"{low:g}", f"{high:g}", "-9, Missing", "0m;6m"))
    lines = [",".join(f'"{cell}"' for cell in row) for row in (COLUMNS, *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run_step(step: str, folder: Path, *arguments: str) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak megabytes of one step."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", f"cpis_analysis.steps.{step}", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{step} failed")
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def measure(interviews: int) -> dict[str, float]:
    """Time and memory of one size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec = json.dumps(write_study(folder, interviews))
        size = sum(path.stat().st_size for path in (folder / "data/raw").iterdir()) / 1e6
        clean = run_step("clean_data", folder, "--spec", spec, "--folder", "out")
        part = "out/clean/{}.parquet".format
        score = run_step(
            "build_dataset",
            folder,
            "--spec",
            spec,
            "--participants",
            part("participants"),
            "--interviews",
            part("interviews"),
            "--teams",
            part("teams"),
            "--folder",
            "out",
        )
        return {
            "interviews": interviews,
            "megabytes": size,
            "clean_s": clean[0],
            "score_s": score[0],
            "wall_s": clean[0] + score[0],
            "cpu_s": clean[1] + score[1],
            "peak_mb": max(clean[2], score[2]),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--interviews", type=int, nargs="*", default=[12_500, 25_000, 50_000, 100_000])
    arguments = parser.parse_args()
    print("interviews  CSV MB  clean s  score s  wall s   CPU s  peak MB")
    for interviews in arguments.interviews:
        line = measure(interviews)
        print(
            "{interviews:10.0f} {megabytes:7.0f} {clean_s:8.1f} {score_s:8.1f} {wall_s:7.1f} {cpu_s:7.1f} "
            "{peak_mb:8.0f}".format(**line),
            flush=True,
        )


if __name__ == "__main__":
    main()
