"""How long the pipeline takes: from scratch, with nothing to do, and after one changed model.

    python benchmarks/pipeline.py [--cores 2] [--repeats 3] [--study PATH]

Works on a temporary copy of the project and prints a Markdown table: wall time, and processor time of Snakemake
and of all steps together. Each repeat does all three in turn, so that a busy minute of the machine does not fall
on one of them alone; the table shows medians, and the range of the wall time.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("Snakefile", "workflow", "profiles", "src", "config.yaml", "data/raw", "examples")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".snakemake", "results", "processed")
CASES = ("from scratch", "second run, nothing to do", "one changed model formula")


def copy_project(folder: Path) -> None:
    """Copy what a run needs, without results and without Snakemake's memory."""
    for name in PARTS:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=LEFT_OUT)
        else:
            shutil.copy(source, target)


def forget_results(study: Path) -> None:
    """Back to a fresh clone."""
    for name in ("results", "data/processed", ".snakemake"):
        shutil.rmtree(study / name, ignore_errors=True)


def changed_formula(text: str) -> str:
    """The plan with one covariate less in the first model that has one to spare."""
    for covariate in (" + gender", " + age", " + tobacco"):
        changed, count = re.subn(r'(formula: ".*?)' + re.escape(covariate), r"\1", text, count=1)
        if count:
            return changed
    raise SystemExit("The plan has no formula with a covariate that could be left out.")


def timed(folder: Path, study: str, cores: int) -> tuple[float, float, int]:
    """Wall seconds, processor seconds and number of jobs of one call of Snakemake."""
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), "--directory", study]
    dropped = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "SNAKEMAKE_PROFILE")
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    used = os.times()
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    wall = time.perf_counter() - start
    now = os.times()
    if done.returncode:
        raise SystemExit(done.stdout[-4000:])
    jobs = re.search(r"^total +(\d+)$", done.stdout, flags=re.MULTILINE)
    processor = (now.children_user - used.children_user) + (now.children_system - used.children_system)
    return wall, processor, int(jobs.group(1)) - 1 if jobs else 0


def measure(folder: Path, study: str, cores: int, repeats: int) -> dict[str, list[tuple[float, float, int]]]:
    """All three cases in turn, as often as asked."""
    plan = folder / study / "config.yaml"
    original = plan.read_text(encoding="utf-8")
    results: dict[str, list[tuple[float, float, int]]] = {case: [] for case in CASES}
    timed(folder, study, cores)  # compiles the package once, as an installed one is
    for _ in range(repeats):
        forget_results(folder / study)
        plan.write_text(original, encoding="utf-8")
        results[CASES[0]].append(timed(folder, study, cores))
        results[CASES[1]].append(timed(folder, study, cores))
        plan.write_text(changed_formula(original), encoding="utf-8")
        results[CASES[2]].append(timed(folder, study, cores))
    return results


def processor_name() -> str:
    """Model of the processor, as far as the system tells."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        return re.search(r"^model name\s*: (.*)$", text, flags=re.MULTILINE).group(1)
    except (OSError, AttributeError):
        return platform.processor() or platform.machine()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--study", default=".", help="folder of the study, such as examples/periodontal")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cpis-benchmark-") as name:
        folder = Path(name) / "project"
        copy_project(folder)
        results = measure(folder, options.study, options.cores, options.repeats)
    print(f"{processor_name()}, {os.cpu_count()} cores, {options.cores} used; {platform.system()}; ", end="")
    versions = [f"{library} {metadata.version(library)}" for library in ("snakemake", "numpy", "scipy", "pandas")]
    print(f"Python {platform.python_version()}, {', '.join(versions)}; median of {options.repeats}.\n")
    print("| run | jobs | wall, s | range, s | processor, s |")
    print("|---|---|---|---|---|")
    for case, runs in results.items():
        walls, processors = [run[0] for run in runs], [run[1] for run in runs]
        print(
            f"| {case} | {runs[0][2]} | {statistics.median(walls):.1f} | {min(walls):.1f} to {max(walls):.1f} "
            f"| {statistics.median(processors):.1f} |"
        )


if __name__ == "__main__":
    main()
