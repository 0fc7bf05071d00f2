"""Size and power of the panel's tests beside Kenward-Roger, with ten teams in five trusts.

    python benchmarks/panel.py [--responses 2000] [--write docs/inference.md]

Designs, responses and effect are those of benchmarks/optimal_test.py, with teams of 10 to 15 people. All allocations,
all signs of ten teams and of five trusts, and all six-point weights of five trusts: nothing is drawn but the responses.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
from marked_page import keep_rates
from optimal_test import ARMS, CORRELATIONS, DIFFERENCE, SEED, people, responses
from scipy import stats

from cpis_analysis.lmm import cluster_jackknife, lmer, ols, refit
from cpis_analysis.lmm.designs.contrasts import contrast_row
from cpis_analysis.lmm.resampling.allocations import allocations, cluster_signs, cluster_weights
from cpis_analysis.lmm.resampling.many_permuted import permuted_many
from cpis_analysis.lmm.resampling.two_stage import TwoStages
from cpis_analysis.seeds import generator

METHODS = (
    "Kenward-Roger",
    "two-stage t",
    "permutation by design*",
    "permutation of all teams",
    "wild bootstrap by team",
    "wild bootstrap by trust",
    "sign changes by trust*",
)
SMALLEST = {"A": 2 / 32, "B": 2 / 8, "C": 1 / 10}
"""The least p-value of permutations by design: A and B 2 of 32 and of 8 allocations, C 1 of 10."""
AT_ONCE = 250
"""Responses in memory at once."""


class Tests:
    """p-values of every test for many responses to one design."""

    def __init__(self, regime: str) -> None:
        self.belongs, self.frame = regime == "C", people(regime, "10-15")
        start = self.frame.assign(y=generator(SEED, "start").normal(size=len(self.frame)))
        self.mixed = lmer("y ~ arm + x + (1 | trust) + (1 | team)", start)
        self.plain = ols("y ~ arm + x", start)
        self.start = start

    def p_values(self, Y: np.ndarray) -> dict[str, np.ndarray]:
        """By method, (B,); a method that is not for the design is absent."""
        mixed = refit(self.mixed, Y, contrasts=["arm"], ddf=("kenward-roger",)).contrasts["arm"]["kenward-roger"]
        found = {METHODS[0]: np.asarray(mixed.p_value), METHODS[1]: self._t(Y)}
        found[METHODS[2]] = self._permuted(Y, "trust" if self.belongs else "team", within=not self.belongs)
        found[METHODS[5]] = self._wild(Y, "trust", cluster_weights(5, "webb", np.random.default_rng(0)))
        if self.belongs:
            return found
        found[METHODS[3]] = self._permuted(Y, "team", within=False)
        found[METHODS[4]] = self._wild(Y, "team", cluster_signs(10, np.random.default_rng(0)))
        return found | ({METHODS[6]: self._signs(Y)} if self.frame.groupby("trust")["arm"].nunique().min() == 2 else {})

    def _t(self, Y: np.ndarray) -> np.ndarray:
        X = np.column_stack([np.ones(len(self.frame)), self.frame["arm"], self.frame["x"]])
        adjusted = Y - np.outer(self.frame["x"], np.linalg.lstsq(X, Y, rcond=None)[0][2])
        team = np.eye(10)[self.frame["team"]]
        means = team.T @ adjusted / team.sum(axis=0)[:, None]
        arms = self.frame.groupby("team")["arm"].first().to_numpy() == 1
        return np.asarray(stats.ttest_ind(means[arms], means[~arms]).pvalue)

    def _permuted(self, Y: np.ndarray, cluster: str, *, within: bool) -> np.ndarray:
        codes, trust = self.frame[cluster].to_numpy(), self.frame["trust"].to_numpy()
        first = np.unique(codes, return_index=True)[1]
        columns = [np.ones(len(codes)), self.frame["x"].to_numpy()]
        columns += [(trust == one).astype(float) for one in range(1, 5)] if within else []
        stages = TwoStages(
            y=Y[:, 0],
            others=np.column_stack(columns),
            within=np.array([False, True] + [False] * (len(columns) - 2)),
            cluster=codes,
            treated=self.frame["arm"].to_numpy()[first] == 1,
            level=np.zeros((len(first), 0)),
            strata=trust[first] if within else None,
        )
        strata = trust[first] if within else np.zeros(len(first), dtype=int)
        every = allocations(strata, stages.treated, np.random.default_rng(0))
        return permuted_many(stages, every, Y).p_values()

    def _wild(self, Y: np.ndarray, cluster: str, weights: np.ndarray) -> np.ndarray:
        jackknife = cluster_jackknife(self.plain, cluster, "CV3", data=self.start)
        influence = jackknife.influence(contrast_row({"arm": 1.0}, self.plain.design, self.plain.basis))
        others = np.column_stack([np.ones(len(self.frame)), self.frame["x"]])
        Q = np.linalg.qr(others)[0]
        arm = self.frame["arm"].to_numpy()
        arm = arm - Q @ (Q.T @ arm)
        member = np.eye(jackknife.n_clusters)[:, self.frame[cluster]]
        left = Y - Q @ (Q.T @ Y)
        effects = (member * arm / (arm @ arm)) @ left
        changes = np.einsum("gn,hn,nb->ghb", influence, member, left, optimize=True)
        share = np.zeros(Y.shape[1])
        for at in range(0, Y.shape[1], AT_ONCE):
            here = slice(at, at + AT_ONCE)
            squares = sum((weights @ change) ** 2 for change in changes[:, :, here])
            observed = (effects[:, here].sum(axis=0) ** 2) / (changes[:, :, here].sum(axis=1) ** 2).sum(axis=0)
            share[here] = ((weights @ effects[:, here]) ** 2 >= observed * squares * (1 - 1e-9)).mean(axis=0)
        return share

    def _signs(self, Y: np.ndarray) -> np.ndarray:
        own = []
        for _, here in self.frame.groupby("trust"):
            X = np.column_stack([np.ones(len(here)), here["arm"], here["x"]])
            own.append(np.linalg.lstsq(X, Y[here.index], rcond=None)[0][1])
        estimates = np.array(own)
        signs = cluster_signs(5, np.random.default_rng(0))
        return (np.abs(signs @ estimates) >= np.abs(estimates.sum(axis=0)) * (1 - 1e-9)).mean(axis=0)


def size_table(n: int) -> str:
    """Size and power of every method in every cell."""
    lines = ["| allocation | ICC trust, team | " + " | ".join(METHODS) + " |", "|---|---|" + "---|" * len(METHODS)]
    for regime in ARMS:
        tests = Tests(regime)
        shift = DIFFERENCE * tests.frame["arm"].to_numpy()[:, None]
        for correlations in CORRELATIONS:
            Y = responses(tests.frame, correlations, n, generator(SEED, "panel", regime, repr(correlations)))
            null, far = tests.p_values(Y), tests.p_values(Y + shift)
            least = {name: SMALLEST[regime] if name.endswith("*") else 0.05 for name in METHODS}
            cells = [
                f"{100 * (null[name] <= least[name]).mean():.1f} / {100 * (far[name] <= least[name]).mean():.0f}"
                if name in null
                else "–"
                for name in METHODS
            ]
            lines.append(f"| {regime} | {correlations[0]:g}, {correlations[1]:g} | {' | '.join(cells)} |")
    error = 100 * math.sqrt(0.05 * 0.95 / n)
    return "\n".join(
        [
            f"Size at nominal 5% / power at {DIFFERENCE} total SDs, per cent; {n:,} responses a cell, Monte Carlo "
            f"standard error of a size of 5%: {error:.1f} points. * These can't reject at 5%: shown at the smallest p "
            "that there is, .0625 in A, .25 in B and .1 in C.",
            "",
            *lines,
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--responses", type=int, default=2000)
    parser.add_argument("--write", type=Path, help="Put the table between the marks of this file.")
    given = parser.parse_args()
    text = size_table(given.responses)
    print(text)
    if given.write is not None:
        keep_rates(given.write, "panel sizes", text)


if __name__ == "__main__":
    main()
