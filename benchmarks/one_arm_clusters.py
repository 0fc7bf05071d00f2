"""How often tests find a difference that is not there where the clusters are in one arm only.

    python benchmarks/one_arm_clusters.py [--replicates 1000] [--only Events] [--write docs/inference.md]

Therapy groups in one arm, each with people whose outcomes belong together, and single people in the other (Roberts &
Roberts 2005, Clinical Trials 2:152). For each design: per cent of replicates with p < 0.05 by what a plan takes, and by
what it refuses. Every test is tried where its own null hypothesis is true: tests of risks, means, rates and hazards of
the people where these are the same in both arms (single people's and groups' values have one distribution, those of a
group a Gaussian copula), tests of coefficients of generalised mixed models where the coefficient is zero.
"""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from marked_page import write_between
from scipy import stats
from scipy.special import expit

from cpis_analysis.analyses.estimators.gee_equations import estimating_equations
from cpis_analysis.analyses.survival_times.cox_residuals import bias_reduced, clustered_covariance, score_residuals
from cpis_analysis.errors import CpisError
from cpis_analysis.lmm import cluster_robust, glmer, lmer, ols, pseudo_likelihood
from cpis_analysis.lmm.designs.between_within import between_within_df

MARK = "<!-- one arm, {}: {} -->"
REFERENCE = {"arm": "usual"}
OWN = "(0 + in_group | group)"
TERM = "arm[new]"
EVENT, COUNTED, WATCHED = 0.3, 3.0, 0.6
"""Share of people with the event; mean count; share whose time to an event is seen."""
LATENT = np.pi**2 / 3


@dataclass(frozen=True)
class Shape:
    """Groups, people in each, single people, correlation within a group, SD of a group's person over a single one's."""

    groups: int
    size: int
    single: int
    icc: float
    spread: float = 1.0

    @property
    def name(self) -> str:
        """For a row of the table."""
        wider = f", SD of people in groups {self.spread:g} times as large" if self.spread != 1 else ""
        return f"{self.groups} groups of {self.size} v {self.single}, ICC {self.icc:.2f}{wider}"

    @property
    def frame(self) -> pd.DataFrame:
        """One row a person without an outcome: arm, group (single people each their own) and `in_group`."""
        n = self.groups * self.size
        return pd.DataFrame(
            {
                "arm": ["new"] * n + ["usual"] * self.single,
                "group": [f"G{at // self.size}" for at in range(n)] + [f"(alone) {at}" for at in range(self.single)],
                "in_group": [1.0] * n + [0.0] * self.single,
            }
        )

    def shift(self, rng: np.random.Generator) -> np.ndarray:
        """Standard normal effect of each person's group (people,); zero for single people."""
        return np.concatenate([np.repeat(rng.normal(size=self.groups), self.size), np.zeros(self.single)])

    def normal(self, rng: np.random.Generator) -> np.ndarray:
        """Standard normal values, of people of a group with the correlation `icc`."""
        own = rng.normal(size=self.groups * self.size + self.single)
        inside = np.arange(len(own)) < self.groups * self.size
        return np.where(inside, np.sqrt(self.icc) * self.shift(rng) + np.sqrt(1 - self.icc) * own, own)


SCORES = (
    Shape(8, 6, 48, 0.05),
    Shape(8, 6, 48, 0.15),
    Shape(8, 6, 48, 0.15, 2.0),
    Shape(5, 10, 50, 0.10),
    Shape(20, 6, 120, 0.10),
)
ANSWERS = tuple(shape for shape in SCORES if shape.spread == 1)

Row = dict[str, float]


def score(shape: Shape, rng: np.random.Generator) -> Row:
    """p-values of one study with scores."""
    grouped = np.where(shape.frame["in_group"] == 1, shape.spread, 1.0)
    frame = shape.frame.assign(y=grouped * shape.normal(rng))
    fit = lmer(f"y ~ arm + {OWN}", frame, reference=REFERENCE, residual_by="arm")
    alike = lmer("y ~ arm + (1 | group)", frame, reference=REFERENCE)
    people = ols("y ~ arm", frame, reference=REFERENCE)
    means = frame.groupby(["arm", "group"])["y"].mean()
    return {
        "residuals by arm, Kenward-Roger": fit.summary("kenward-roger").loc[TERM, "p_value"],
        "residuals by arm, Satterthwaite": fit.summary("satterthwaite").loc[TERM, "p_value"],
        "residuals by arm, between-within": fit.summary("between-within").loc[TERM, "p_value"],
        "least squares, CR2": _robust(frame, "y"),
        "refused: `(1 \\| group)`, Kenward-Roger": alike.summary("kenward-roger").loc[TERM, "p_value"],
        "refused: t of means": stats.ttest_ind(means["new"], means["usual"]).pvalue,
        "refused: people": people.summary("residual").loc[TERM, "p_value"],
    }


def event(shape: Shape, rng: np.random.Generator) -> Row:
    """p-values of one study with events."""
    frame = shape.frame.assign(y=(shape.normal(rng) > stats.norm.isf(EVENT)).astype(float))
    return {
        "least squares, CR2": _robust(frame, "y"),
        **_equations(frame, "logit", "independence"),
        **_equations(frame, "logit", "exchangeable"),
    } | _mixed(frame.assign(y=_odds(shape, rng)), "binomial", pseudo=True)


def _odds(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    eta = np.log(EVENT / (1 - EVENT)) + _deviation(shape) * shape.shift(rng)
    return (rng.random(len(eta)) < expit(eta)).astype(float)


def answer(shape: Shape, rng: np.random.Generator) -> Row:
    """p-values of one study with answers in order."""
    cuts = stats.norm.isf([0.75, 0.4, 0.15])
    frame = shape.frame.assign(y=np.searchsorted(cuts, shape.normal(rng)).astype(float))
    latent = _deviation(shape) * shape.shift(rng) + rng.logistic(size=len(frame))
    own = frame.assign(y=np.searchsorted(np.log(1 / np.array([0.75, 0.4, 0.15]) - 1), latent).astype(float))
    return {"mean scores, CR2": _robust(frame, "y")} | _mixed(own, "ordinal")


def count(shape: Shape, rng: np.random.Generator) -> Row:
    """p-values of one study with counts, whose rates vary between groups with a coefficient of 2 icc^(1/2)."""
    spread = np.sqrt(np.log1p(4 * shape.icc))
    shift = spread * shape.shift(rng)
    inside = shape.frame["in_group"] == 1
    frame = shape.frame.assign(y=rng.poisson(COUNTED * np.exp(shift - np.where(inside, spread**2 / 2, 0.0))))
    own = frame.assign(y=rng.poisson(COUNTED * np.exp(spread * shape.shift(rng))))
    frame["y"] = frame["y"].astype(float)
    return {
        "least squares, CR2": _robust(frame, "y"),
        **_equations(frame, "log", "independence"),
        **_equations(frame, "log", "exchangeable"),
    } | _mixed(own.assign(y=own["y"].astype(float)), "poisson", pseudo=True)


def hazard(shape: Shape, rng: np.random.Generator) -> Row:
    """p-values of one study with times to an event, followed until `WATCHED` of all had it."""
    from statsmodels.duration.hazard_regression import PHReg

    frame = shape.frame
    time = -np.log(stats.norm.sf(shape.normal(rng)))
    until = -np.log1p(-WATCHED)
    event, time, X = time < until, np.minimum(time, until), frame[["in_group"]].to_numpy()
    codes, labels = _codes(frame)
    fit = PHReg(time, X, status=event.astype(int), ties="efron").fit(disp=0)
    beta, inverse = np.asarray(fit.params), np.asarray(fit.cov_params())
    reduced = bias_reduced(time, event, X, beta, codes, inverse)
    plain = np.sqrt(clustered_covariance(score_residuals(time, event, X, beta), codes, inverse)[0, 0])
    return {
        "corrected, Satterthwaite": _p(
            beta[0], np.sqrt(reduced.covariance[0, 0]), reduced.degrees_of_freedom(np.ones(1))
        ),
        "refused: Lin and Wei, t on clusters less two": _p(beta[0], plain, len(labels) - 2),
        "refused: people": _p(beta[0], np.sqrt(inverse[0, 0]), np.inf),
    }


def _deviation(shape: Shape) -> float:
    """SD of the groups on the latent scale of a logistic model."""
    return float(np.sqrt(LATENT * shape.icc / (1 - shape.icc)))


def _p(estimate: float, error: float, df: float) -> float:
    return float(2 * stats.t.sf(abs(estimate / error), df))


def _codes(frame: pd.DataFrame) -> tuple[np.ndarray, pd.Index]:
    return pd.factorize(frame["group"], sort=True)


def _robust(frame: pd.DataFrame, y: str) -> float:
    fit = ols(f"{y} ~ arm", frame, reference=REFERENCE)
    return float(cluster_robust(fit, "group", kind="CR2", data=frame).summary().loc[TERM, "p_value"])


def _equations(frame: pd.DataFrame, link: str, correlation: str) -> Row:
    """The difference of the arms' risks, or the log ratio of their rates."""
    y, X = frame["y"].to_numpy(), np.column_stack([np.ones(len(frame)), frame["in_group"]])
    codes, labels = _codes(frame)
    found = estimating_equations(y, X, codes, link, correlation, "kauermann-carroll")
    if found is None:
        return {f"estimating equations, {correlation}{more}": np.nan for more in ("", ", by arm")}
    risks = expit(np.array([found.coefficients[0], found.coefficients.sum()]))
    slopes = risks * (1 - risks)
    row = np.array([slopes[1] - slopes[0], slopes[1]]) if link == "logit" else np.array([0.0, 1.0])
    estimate = float(risks[1] - risks[0]) if link == "logit" else float(found.coefficients[1])
    error = float(np.sqrt(row @ found.covariance @ row))
    p_values = {f"estimating equations, {correlation}": _p(estimate, error, found.degrees_of_freedom(row))}
    by_arm = estimating_equations(y, X, codes, link, correlation, "mancl-derouen")
    if by_arm is not None:
        arms = np.array([not label.startswith("(alone)") for label in labels], dtype=int)
        wider = float(np.sqrt(row @ by_arm.covariance @ row))
        p_values[f"estimating equations, {correlation}, by arm"] = _p(
            estimate, wider, by_arm.degrees_of_freedom(row, arms)
        )
    if correlation == "independence":
        p_values["refused: estimating equations, t on clusters less two"] = _p(estimate, error, len(labels) - 2)
    return p_values


def _mixed(frame: pd.DataFrame, family: str, pseudo: bool = False) -> Row:
    """Generalised mixed models whose groups vary in their own arm."""
    formula = f"y ~ arm + {OWN}"
    fit = glmer(formula, frame, family=family, reference=REFERENCE)
    line = fit.summary().loc[TERM]
    kept = [j for j, name in enumerate(fit.design.term_names) if name not in fit.dropped_columns]
    names = [fit.design.term_names[j] for j in kept]
    df = between_within_df(fit.design.X[:, kept], fit.design.random)[names.index(TERM)]
    found = {
        "mixed model, between-within": _p(line["estimate"], line["std_error"], df),
        "refused: mixed model, z": _p(line["estimate"], line["std_error"], np.inf),
    }
    if pseudo:
        by = pseudo_likelihood(formula, frame, family=family, reference=REFERENCE)
        for name, method in (("Kenward-Roger", "kenward-roger"), ("between-within", "between-within")):
            line = by.summary(method, level=0.95, boundary="keep").loc[TERM]
            found[f"mixed model, pseudo-likelihood, {name}"] = float(line["p_value"])
    return found


OUTCOMES: dict[str, tuple[Callable[[Shape, np.random.Generator], Row], tuple[Shape, ...]]] = {
    "Scores": (score, SCORES),
    "Events": (event, ANSWERS),
    "Answers in order": (answer, ANSWERS),
    "Counts": (count, ANSWERS),
    "Times to an event": (hazard, ANSWERS),
}


def sizes(draw: Callable[[Shape, np.random.Generator], Row], shape: Shape, replicates: int) -> tuple[Row, int]:
    """Per cent rejected by test, of those that have a p-value; and how many studies had no result at all."""
    rng, found, failed = np.random.default_rng(15), defaultdict(list), 0
    for _ in range(replicates):
        try:
            for name, p in draw(shape, rng).items():
                found[name].append(p)
        except CpisError:
            failed += 1
    return {name: 100 * float(np.mean(np.array(ps)[~np.isnan(ps)] < 0.05)) for name, ps in found.items()}, failed


def _sizes(cell: tuple[str, Shape, int]) -> tuple[Row, int]:
    name, shape, replicates = cell
    return sizes(OUTCOMES[name][0], shape, replicates)


def table(name: str, replicates: int, processes: int) -> list[str]:
    """The table of an outcome, tests by rows."""
    shapes = OUTCOMES[name][1]
    cells = [(name, shape, replicates) for shape in shapes]
    with ProcessPoolExecutor(processes) as pool:
        found = dict(zip(cells, pool.map(_sizes, cells), strict=True))
    error = 100 * np.sqrt(0.05 * 0.95 / replicates)
    columns = [found[cell] for cell in cells]
    tests = sorted(columns[0][0], key=lambda test: test.startswith("refused"))
    lines = [
        f"% of {replicates:,} studies without a difference in which p < 0.05; Monte Carlo standard error of a size of "
        f"5%: {error:.1f} points.",
        "",
        f"| {name} | " + " | ".join(shape.name for shape in shapes) + " |",
        "|---|" + "---:|" * len(shapes),
        *(f"| {test} | " + " | ".join(f"{column[test]:.1f}" for column, _ in columns) + " |" for test in tests),
    ]
    if any(failed for _, failed in columns):
        lines.append("| studies without a result | " + " | ".join(str(failed) for _, failed in columns) + " |")
    return lines


def main() -> None:
    """Print the tables, or write them into a page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=1000, help="studies a cell")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="cells at a time")
    parser.add_argument("--only", choices=OUTCOMES, nargs="+", default=list(OUTCOMES), help="tables to make")
    parser.add_argument("--write", type=Path, help="page with the marks of these tables")
    asked = parser.parse_args()
    for name in asked.only:
        text = "\n".join(table(name, asked.replicates, asked.processes))
        print(text, flush=True)
        if asked.write:
            begin, end = (MARK.format(name.lower(), side) for side in ("begin", "end"))
            write_between(asked.write, begin, end, text)


if __name__ == "__main__":
    main()
