"""Where the processor time of a small cold fit goes: the least of many turns of each part by itself.

    python benchmarks/engine_parts.py --write docs/engine.md

The least of many turns is hardly longer on a machine that is at work, so the table can be made anywhere; what a cold
cache and the first calls of a process cost is not in it (`benchmarks/engine.py` measures that).
"""

from __future__ import annotations

import argparse
import io
import itertools
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from engine import DATA
from marked_page import write_between

from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.lmm import lmer
from cpis_analysis.lmm.designs.basis import orthogonalise
from cpis_analysis.lmm.designs.checks import check_groups, check_identified
from cpis_analysis.lmm.designs.design import build_design
from cpis_analysis.lmm.designs.model_frame import read_model_frame
from cpis_analysis.lmm.fits.inference import Inference
from cpis_analysis.lmm.fits.optimum import find_optimum
from cpis_analysis.lmm.structures.choose import choose_structure
from cpis_analysis.lmm.structures.nested_grid import starts_of_one

FORMULA = "y ~ arm*wave + (1 | trust) + (1 | trust:team) + (1 | trust:team:id)"


def least(part: Callable[[], Any], turns: int) -> float:
    """The shortest of many turns, in microseconds."""
    shortest = float("inf")
    for _ in range(turns):
        start = time.perf_counter_ns()
        part()
        shortest = min(shortest, (time.perf_counter_ns() - start) / 1e3)
    return shortest


def read_anew(number: int) -> None:
    """Read the formula of an outcome that nobody has asked of."""
    parse_formula(f"y{number}{FORMULA[1:]}")


def calls_of_fit(study: pd.DataFrame) -> int:
    """Python and built-in functions called by one fit."""
    calls = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    lmer(FORMULA, study)
    sys.setprofile(count)
    lmer(FORMULA, study).summary("kenward-roger")
    sys.setprofile(None)
    return calls


def table(study: pd.DataFrame, turns: int) -> str:
    """Markdown."""
    fit = lmer(FORMULA, study)
    fit.summary("kenward-roger")
    formula, design, basis, structure = fit.design.formula, fit.design, fit.basis, fit.structure
    sums = structure.sums(fit.y_scaled)
    contrasts = structure.error_contrasts(sums, None)
    numbers = itertools.count()
    psi, names, rows = fit.optimum.psi, fit.term_names, np.eye(basis.p)
    reading = least(lambda: read_model_frame(formula, study, None, {}, {}), turns)
    search = least(lambda: find_optimum(structure, fit.y_scaled, True, True), turns)
    grid = least(lambda: starts_of_one(structure, lambda gamma: contrasts.values(gamma)), turns)
    rotated = least(lambda: structure.error_contrasts(structure.sums(fit.y_scaled), None), turns)
    one, evaluations = least(lambda: contrasts.slopes(psi), turns), fit.optimum.iterations + 1
    parts = {
        "formula read (kept for the next fit of the same text)": least(lambda: read_anew(next(numbers)), turns),
        "columns of the data frame read, text to levels": reading,
        "factors coded, model matrix, groups": least(lambda: build_design(formula, study), turns) - reading,
        "orthonormal basis of the fixed part, outcome reduced": least(
            lambda: orthogonalise(design.X).reduce(design.y[:, None]), turns
        ),
        "tree of the groups, checks that variances can be told": least(
            lambda: (check_groups(design), check_identified(design, choose_structure(design, basis).outside())), turns
        ),
        f"search: outcome to error contrasts, {rotated:.0f}; 27 points of the grid, {grid:.0f}; "
        f"{evaluations} evaluations, {evaluations * one:.0f}; steps and the rest": search,
        "Kenward-Roger, p-values, the table": least(
            lambda: Inference(fit.solution).table(rows, names, "kenward-roger", 0.95, "keep", "term"), turns
        ),
    }
    total = sum(parts.values())
    lines = ["| part | microseconds | share |", "|---|---:|---:|"]
    lines += [f"| {name} | {value:,.0f} | {100 * value / total:.0f}% |" for name, value in parts.items()]
    return "\n".join(
        [*lines, f"| together | {total:,.0f} | |", "", f"Calls of functions in one fit: {calls_of_fit(study):,}."]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=500)
    parser.add_argument("--write", type=Path, help="page that shows the table between its marks")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", DATA, folder], check=True)
        study = pd.read_csv(io.StringIO((Path(folder) / "study.csv").read_text(encoding="utf-8")))
    text = table(study, options.turns)
    print(text)
    if options.write:
        write_between(options.write, "<!-- parts: begin -->", "<!-- parts: end -->", text)


if __name__ == "__main__":
    main()
