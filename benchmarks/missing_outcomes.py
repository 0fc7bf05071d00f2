"""What missing outcomes do to the anchors with ten teams: bias, coverage and size, imputed, weighted and as observed.

    python benchmarks/missing_outcomes.py [--replicates 500] [--imputations 50] [--seed 20180214] \
        [--methods cr2 weighted by_arm] [--write docs/missing_outcomes.md]

Ten teams of 12 to 18 people in five trusts, one team of each arm in a trust; normal outcomes with residual intraclass
correlations of 0.02 (trust) and 0.05 (team) of what baseline does not tell, and no difference between the arms. Beside
baseline an auxiliary variable, known of everybody, predicts the outcome. 16% or 45% of each arm lose their outcome:

- by chance (MCAR);
- at random given what is known (MAR): in the reference arm those low at baseline and in the auxiliary variable are lost
  more often, in the other arm anybody;
- not at random (MNAR): in the reference arm those with low outcomes are lost more often, in the other arm anybody.

Every method is equivariant and loss does not depend on the arm's effect, so the share of intervals without the true
difference is the size of the test at 5% and, whatever the true difference, 100 less the coverage.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from losses import chances
from marked_page import write_between

from cpis_analysis.analyses.missing_values.weighting import follow_up_probabilities
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.imputation.chained import impute
from cpis_analysis.imputation.rubin import pool
from cpis_analysis.lmm import cluster_robust, lmer, ols, refit
from cpis_analysis.seeds import generator

BEGIN, END = "<!-- missing outcomes: begin -->", "<!-- missing outcomes: end -->"
SHARES = (0.16, 0.45)
MECHANISMS = ("MCAR", "MAR", "MNAR")
WHOLE = "mixed model, Kenward-Roger, everybody"
METHODS = {
    "mixed": "mixed model, Kenward-Roger, complete cases",
    "imputed": "the same, imputed with the auxiliary variable",
    "guessed_df": "the same with Barnard and Rubin's degrees of freedom",
    "cr2": "CR2 by trust, complete cases",
    "weighted": "the same, weighted by arm, baseline and auxiliary variable",
    "by_arm": "the same, weighted by baseline and auxiliary variable, each arm apart",
}
FORMULA = parse_formula("y ~ arm + before + (1 | trust) + (1 | trust:team)")
EFFECT = "arm[i]"
Row = tuple[float, float, float, float]


def trial(random: np.random.Generator) -> pd.DataFrame:
    """Everybody with outcome, baseline and auxiliary variable; the arms do not differ."""
    sizes = random.integers(12, 19, 10)
    team = np.repeat(np.arange(10), sizes)
    n = len(team)
    before, rest = random.normal(size=n), random.normal(size=n)
    of_trust, of_team = math.sqrt(0.02) * random.normal(size=5), math.sqrt(0.05) * random.normal(size=10)
    chance = math.sqrt(1 - 0.02 - 0.05 - 0.4**2) * random.normal(size=n)
    return pd.DataFrame(
        {
            "trust": pd.Categorical([f"T{k // 2}" for k in team]),
            "team": pd.Categorical([f"t{k % 2}" for k in team]),
            "arm": pd.Categorical(np.where(team % 2 == 1, "i", "c")),
            "before": before,
            "auxiliary": 0.5 * before + rest,
            "y": 0.75 * before + 0.4 * rest + of_trust[team // 2] + of_team[team] + chance,
        }
    )


def lost(random: np.random.Generator, frame: pd.DataFrame, mechanism: str, share: float) -> np.ndarray:
    """Whose outcome is lost: logistic, with the wanted share expected in each arm."""
    value = {
        "MCAR": np.zeros(len(frame)),
        "MAR": -0.8 * frame["before"] - 0.8 * frame["auxiliary"],
        "MNAR": -1.0 * frame["y"],
    }[mechanism]
    chosen = np.zeros(len(frame), dtype=bool)
    for arm in ("c", "i"):
        mine = (frame["arm"] == arm).to_numpy()
        slope = np.asarray(value)[mine] * (arm == "c")
        chosen[mine] = random.random(mine.sum()) < chances(slope, share)
    return chosen


def analyses(
    random: np.random.Generator,
    frame: pd.DataFrame,
    gone: np.ndarray,
    m: int,
    methods: Collection[str] = tuple(METHODS),
) -> Iterator[tuple[str, Row]]:
    """(method, (estimate, standard error, ends of the 95% interval)) of one trial, by these methods."""
    seen = frame.assign(y=frame["y"].where(~gone))
    kept = seen[~gone].reset_index(drop=True)
    yield "whole", _row(lmer(FORMULA, frame).summary("kenward-roger").loc[EFFECT])
    complete = lmer(FORMULA, kept).summary("kenward-roger").loc[EFFECT]
    if "mixed" in methods:
        yield "mixed", _row(complete)
    if {"imputed", "guessed_df"} & set(methods):
        rows = _imputed(random, seen, m, float(complete["df"]))
        yield from ((name, row) for name, row in rows.items() if name in methods)
    one_slope = follow_up_probabilities(frame, ~gone, ("arm", "before", "auxiliary"))
    apart = follow_up_probabilities(frame, ~gone, ("before", "auxiliary"), by="arm")
    share = (~pd.Series(gone)).groupby(frame["arm"].astype(str)).transform("mean").to_numpy()
    for name, weights in (("cr2", None), ("weighted", share / one_slope), ("by_arm", share / apart)):
        if name not in methods:
            continue
        fit = ols("y ~ arm + before", kept, weights=None if weights is None else weights[~gone])
        yield name, _row(cluster_robust(fit, "trust", kind="CR2", data=kept).summary().loc[EFFECT])


def _imputed(random: np.random.Generator, seen: pd.DataFrame, m: int, observed_df: float) -> dict[str, Row]:
    imputed = impute(seen, FORMULA, auxiliary=["auxiliary"], m=m, random=random)
    completed = np.column_stack([imputed.frame(i)["y"] for i in range(m)])
    found = refit(lmer(FORMULA, imputed.frame(0)), completed, contrasts=[EFFECT], ddf="kenward-roger")
    one = found.contrasts[EFFECT]["kenward-roger"]
    ways = {"imputed": observed_df, "guessed_df": None}
    pooled = {name: pool(one.estimate, one.std_error, one.df, observed_df=df) for name, df in ways.items()}
    return {name: (each.estimate, each.se, each.ci_low, each.ci_high) for name, each in pooled.items()}


def _row(found: pd.Series) -> Row:
    return tuple(float(found[name]) for name in ("estimate", "std_error", "ci_low", "ci_high"))


def cell(
    mechanism: str, share: float, replicates: int, m: int, seed: int, methods: Collection[str]
) -> tuple[pd.DataFrame, int]:
    """Bias, coverage and the like of every method in one cell; trials that could not be analysed."""
    found: dict[str, list[Row]] = {name: [] for name in ("whole", *methods)}
    failed = 0
    for number in range(replicates):
        # the same trials in every cell, so that cells differ by the losses alone
        frame = trial(generator(seed, "missing outcomes", str(number)))
        random = generator(seed, "missing outcomes", mechanism, repr(share), str(number))
        try:
            rows = dict(analyses(random, frame, lost(random, frame, mechanism, share), m, methods))
        except Exception as problem:
            failed += 1
            print(f"{mechanism} {share} {number}: {problem}", file=sys.stderr)
            continue
        for name, row in rows.items():
            found[name].append(row)
    return pd.DataFrame({name: _summary(np.array(rows)) for name, rows in found.items()}).T, failed


def _summary(rows: np.ndarray) -> dict[str, float]:
    estimate, se, low, high = rows.T
    n, inside = len(rows), int(((low < 0) & (0 < high)).sum())
    near = (inside + 2) / (n + 4)  # Agresti & Coull 1998, so that all or none has an error too
    return {
        "bias": estimate.mean(),
        "bias_error": estimate.std(ddof=1) / math.sqrt(n),
        "sd": estimate.std(ddof=1),
        "se": math.sqrt((se**2).mean()),
        "width": (high - low).mean(),
        "coverage": inside / n,
        "coverage_error": math.sqrt(near * (1 - near) / (n + 4)),
    }


def table(replicates: int, m: int, seed: int, methods: Collection[str] = tuple(METHODS)) -> str:
    """Markdown: a row a mechanism, share and method."""
    lines, failed = [], 0
    for mechanism in MECHANISMS:
        for share in SHARES:
            start = time.process_time()
            rows, gone = cell(mechanism, share, replicates, m, seed, methods)
            failed += gone
            print(f"{mechanism} {share}: {time.process_time() - start:.0f} s", file=sys.stderr, flush=True)
            if not lines:
                lines.append(_line("none", WHOLE, rows.loc["whole"]))
            where = f"{100 * share:.0f}% {mechanism}"
            lines += [_line(where, words, rows.loc[name]) for name, words in METHODS.items() if name in methods]
    return "\n".join(
        [
            f"{replicates} trials in each cell, the same in all, {m} imputations each, seed {seed}. In residual SDs; "
            "Monte Carlo standard errors in brackets; size and coverage share theirs. "
            f"Trials that could not be analysed: {failed}.",
            "",
            "| loss | method | bias | SD of estimates | mean standard error | mean width | coverage, % | size, % |",
            "|---|---|---:|---:|---:|---:|---:|---:|",
            *lines,
        ]
    )


def _line(loss: str, method: str, one: pd.Series) -> str:
    return (
        f"| {loss} | {method} | {one['bias']:+.3f} ({one['bias_error']:.3f}) | {one['sd']:.3f} | {one['se']:.3f} | "
        f"{one['width']:.2f} | {100 * one['coverage']:.1f} ({100 * one['coverage_error']:.1f}) | "
        f"{100 * (1 - one['coverage']):.1f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=500)
    parser.add_argument("--imputations", type=int, default=50)
    parser.add_argument("--seed", type=int, default=20180214)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS), help="In the same trials.")
    parser.add_argument("--write", type=Path, help="Put the table between the marks of this file.")
    given = parser.parse_args()
    text = table(given.replicates, given.imputations, given.seed, given.methods)
    print(text)
    if given.write is not None:
        write_between(given.write, BEGIN, END, text)


if __name__ == "__main__":
    main()
