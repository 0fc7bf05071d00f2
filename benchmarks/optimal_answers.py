"""Size and power of the nearly optimal test on the scale of probabilities: answers yes or no, ten teams.

    python benchmarks/optimal_answers.py [--responses 4000] [--write docs/error_rates.md]

The designs of `optimal_test.py` (ten teams in five trusts, the arm within trusts, mixed, or a property of the trust;
teams of 10 to 15 or of 4 to 40 people; one covariate). Answers follow a logistic model with effects of trusts and teams
and of the covariate; the test is that of a linear probability mixed model, whose errors are then neither normal nor of
one variance. Beside it stand Kenward-Roger of the same model and the test that `by_design` chooses. Power is at a
difference of 25 points in the risk of somebody with the covariate at zero.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from error_rates_answers import LATENT, marginal
from marked_page import keep_rates
from optimal_test import ARMS, SEED, TEAMS, Rivals, people
from scipy import optimize, stats
from scipy.special import logit

from cpis_analysis.lmm import cluster_robust, ols
from cpis_analysis.seeds import generator

RISKS = (0.1, 0.3, 0.5)
CORRELATIONS = ((0.0, 0.0), (0.0, 0.05), (0.0, 0.10), (0.05, 0.05), (0.05, 0.10))
"""Latent intraclass correlations of trusts and of teams within them."""
SLOPE, DIFFERENCE = 0.5, 0.25
OPTIMAL, ROGER, CHOSEN = "nearly optimal", "Kenward-Roger", "by design"


def answers(
    random: np.random.Generator, frame: pd.DataFrame, risk: float, icc: tuple[float, float], difference: float, n: int
) -> np.ndarray:
    """(people, n) zeros and ones whose risk, over people and clusters, is `risk` without a difference."""
    variance = sum(icc) / (1 - sum(icc)) * LATENT
    slopes = SLOPE * frame["x"].to_numpy()
    base = optimize.brentq(lambda a: float(marginal(a + slopes, variance).mean()) - risk, -12, 12)
    effects = sum(
        math.sqrt(share / (1 - sum(icc)) * LATENT)
        * random.normal(size=(frame[level].nunique(), n))[pd.factorize(frame[level])[0]]
        for share, level in zip(icc, ("trust", "team"), strict=True)
    )
    own = float(marginal(np.array([base]), variance)[0])
    far = optimize.brentq(lambda a: float(marginal(np.array([a]), variance)[0]) - own - difference, -12, 12)
    shift = (far - base) * frame["arm"].to_numpy() if difference else 0.0
    latent = (base + slopes + shift)[:, None] + effects + logit(random.random((len(frame), n)))
    return (latent > 0).astype(float)


def by_design(rivals: Rivals, Y: np.ndarray, regime: str) -> np.ndarray:
    """p-values of the two-stage t by team; of least squares with CR2 by trust where the arm belongs to it."""
    if regime != "C":
        return rivals.two_stage(Y)
    fit = ols("y ~ arm + x", rivals.frame.assign(y=Y[:, 0]))
    robust = cluster_robust(fit, rivals.frame["trust"])
    row = np.eye(len(fit.term_names))[fit.term_names.index("arm")]
    R, beta, scale = fit.basis.reduce(Y)
    t = np.abs(row @ beta) / (robust.standard_errors(row, R) * scale)
    return 2 * stats.t.sf(t, float(robust.contrast(row)["df"].iloc[0]))


def shares(rivals: Rivals, Y: np.ndarray, regime: str) -> dict[str, float]:
    """Share of the responses in which each test rejects; those without an answer of each kind are no data sets."""
    Y = Y[:, Y.var(axis=0) > 0]
    with np.errstate(all="ignore"):
        found = rivals.rejected(Y)
        chosen = by_design(rivals, Y, regime) < 0.05
    return {OPTIMAL: found[OPTIMAL].mean(), ROGER: found[ROGER].mean(), CHOSEN: chosen.mean()}


def table(n: int) -> str:
    """Markdown: a row a design and pair of correlations, a column a risk."""
    lines = [
        "| allocation, team sizes | ICC trust, team | " + " | ".join(f"risk {risk:g}" for risk in RISKS) + " |",
        "|---|---|" + "---|" * len(RISKS),
    ]
    for regime in ARMS:
        for sizes in TEAMS:
            rivals = Rivals(people(regime, sizes))
            for icc in CORRELATIONS:
                cells = []
                for risk in RISKS:
                    random = generator(SEED, "optimal answers", regime, sizes, repr(icc), f"{risk}")
                    null = shares(rivals, answers(random, rivals.frame, risk, icc, 0.0, n), regime)
                    far = shares(rivals, answers(random, rivals.frame, risk, icc, DIFFERENCE, n), regime)
                    size = " / ".join(f"{100 * null[name]:.1f}" for name in (OPTIMAL, ROGER, CHOSEN))
                    power = " / ".join(f"{100 * far[name]:.0f}" for name in (OPTIMAL, ROGER, CHOSEN))
                    cells.append(f"{size}; {power}")
                lines.append(f"| {regime}, {sizes} | {icc[0]:g}, {icc[1]:g} | " + " | ".join(cells) + " |")
                print(lines[-1], file=sys.stderr, flush=True)
    error = 100 * math.sqrt(0.05 * 0.95 / n)
    return "\n".join(
        [
            f"Size at nominal 5%; power at {100 * DIFFERENCE:.0f} points. Each time {OPTIMAL} / {ROGER} / {CHOSEN}, "
            f"per cent; {n:,} responses a cell, Monte Carlo standard error of a size of 5%: {error:.1f} points. "
            "Intraclass correlations are latent.",
            "",
            *lines,
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--responses", type=int, default=4000)
    parser.add_argument("--write", type=Path, help="Put the table between the marks of this file.")
    given = parser.parse_args()
    text = table(given.responses)
    print(text)
    if given.write is not None:
        keep_rates(given.write, "optimal answers", text)


if __name__ == "__main__":
    main()
