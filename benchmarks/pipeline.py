"""How long the pipeline takes: from scratch, all analyses, with nothing to do, and after one changed model.

    python benchmarks/pipeline.py [--cores 2] [--repeats 3] [--study PATH]

Works on a temporary copy of the project and prints a Markdown table: wall time, wall time until the page was there, and
processor time of Snakemake and of all steps together. Where R is there, it also does the same analyses in R, in one
process, by the code that `cpis explain` gives, as far as their packages are there, too. Each repeat does all cases in
turn, so that a busy minute of the machine does not fall on one of them alone; the table shows medians, and the range of
the wall time.
"""

from __future__ import annotations

import argparse
import math
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
from typing import NamedTuple

from cpis_analysis.study.checks.plan_check import load_and_check
from cpis_analysis.study.factors import explained_variables
from cpis_analysis.translate.explain import explain

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("Snakefile", "workflow", "profiles", "src", "config.yaml", "data/raw", "examples")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".snakemake", "results", "processed")
CASES = (
    "from scratch",
    "all analyses, from the data set to estimates.csv",
    "second run, nothing to do",
    "one changed model formula",
)
PAGE = "results/report/findings.html"
FITS = ("results/models/*.json", "results/estimates.csv", "data/processed/fits/*.json")
PACKAGES = ("lmerTest", "pbkrtest", "clubSandwich", "geepack", "emmeans")


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


def forget_fits(study: Path) -> None:
    """As if nothing had been fitted; simulated error rates stay, as no estimate is made of them."""
    for path in (path for pattern in FITS for path in study.glob(pattern)):
        path.unlink()


class Timed(NamedTuple):
    """One call of Snakemake: seconds by the clock, until the page was there (nan: it stayed), of processors; jobs."""

    wall: float
    page: float
    processor: float
    jobs: int


def timed(folder: Path, study: str, cores: int, *targets: str) -> Timed:
    """Call Snakemake."""
    command = [sys.executable, "-m", "snakemake", *targets, "--cores", str(cores), "--directory", study]
    dropped = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "SNAKEMAKE_PROFILE")
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    used, began = os.times(), time.time()
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
    page = folder / study / PAGE
    written = page.stat().st_mtime - began if page.is_file() else 0.0
    return Timed(wall, written if written > 0 else math.nan, processor, int(jobs.group(1)) - 1 if jobs else 0)


def measure(folder: Path, study: str, cores: int, repeats: int) -> dict[str, list[Timed]]:
    """All cases in turn, as often as asked."""
    plan = folder / study / "config.yaml"
    original = plan.read_text(encoding="utf-8")
    results: dict[str, list[Timed]] = {case: [] for case in CASES}
    timed(folder, study, cores)  # compiles the package once, as an installed one is
    for _ in range(repeats):
        forget_results(folder / study)
        plan.write_text(original, encoding="utf-8")
        results[CASES[0]].append(timed(folder, study, cores))
        forget_fits(folder / study)
        results[CASES[1]].append(timed(folder, study, cores, "results/estimates.csv"))
        timed(folder, study, cores)
        results[CASES[2]].append(timed(folder, study, cores))
        plan.write_text(changed_formula(original), encoding="utf-8")
        results[CASES[3]].append(timed(folder, study, cores))
    plan.write_text(original, encoding="utf-8")
    return results


def timed_in_r(study: Path) -> str:
    """A sentence about the same analyses in R, or why there is none."""
    if shutil.which("Rscript") is None:
        return "R is not installed."
    asked = "; ".join(f"cat(if (requireNamespace('{name}', quietly = TRUE)) '{name} ')" for name in PACKAGES)
    found = subprocess.run(["Rscript", "-e", asked], capture_output=True, text=True, check=False).stdout.split()
    plan, dictionary = load_and_check(study / "config.yaml")
    variables, pieces = explained_variables(plan.content, dictionary), []
    for spec in plan.specifications():
        code = explain(spec, plan.content, variables).r
        if all(name in found for name in re.findall(r"library\((\w+)\)", code)):
            pieces.append(f"local({{\n{code}\n}})")
    (study / "all.R").write_text("\n".join(pieces), encoding="utf-8")
    used, start = os.times(), time.perf_counter()
    done = subprocess.run(["Rscript", "all.R"], cwd=study, capture_output=True, text=True, check=False)
    wall, now = time.perf_counter() - start, os.times()
    if done.returncode:
        return f"R stopped: {done.stderr[-400:]}"
    processor = (now.children_user - used.children_user) + (now.children_system - used.children_system)
    return (
        f"In R, {len(pieces)} of the {len(plan.specifications())} analyses, those whose packages are there "
        f"({', '.join(found)}): {wall:.1f} s, processor {processor:.1f} s."
    )


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
        in_r = timed_in_r(folder / options.study)
    print(f"{processor_name()}, {os.cpu_count()} cores, {options.cores} used; {platform.system()}; ", end="")
    versions = [f"{library} {metadata.version(library)}" for library in ("snakemake", "numpy", "scipy", "pandas")]
    print(f"Python {platform.python_version()}, {', '.join(versions)}; median of {options.repeats}.\n")
    print("| run | jobs | wall, s | range, s | page, s | processor, s |")
    print("|---|---|---|---|---|---|")
    for case, runs in results.items():
        walls, page = [run.wall for run in runs], statistics.median(run.page for run in runs)
        print(
            f"| {case} | {runs[0].jobs} | {statistics.median(walls):.1f} | {min(walls):.1f} to {max(walls):.1f} "
            f"| {'' if math.isnan(page) else f'{page:.1f}'} | {statistics.median(run.processor for run in runs):.1f} |"
        )
    print(f"\n{in_r}")


if __name__ == "__main__":
    main()
