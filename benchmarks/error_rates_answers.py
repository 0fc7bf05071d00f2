"""How often tests of answers reject a true null hypothesis with ten teams: binary, ordered and count outcomes.

    python benchmarks/error_rates_answers.py [--designs 10] [--responses 100] [--single 3] [--write docs/error_rates.md]

127 people or so, ten teams in five trusts, the allocations A, B and C of `error_rates.py`. Answers follow a logistic
model with effects of trusts and teams (latent intraclass correlations) and no difference between the arms. *plain*:
teams of 10 to 16, no covariates. *adjusted*: two covariates of people in data and models, sizes of teams from 40 to 4.
Ordered answers are three, cut from the same latent variable; counts are Poisson with a mean of three a unit of time,
teams that differ on the scale of the logarithm, and times of one or two units.

Methods that fit many responses at once get `--responses` of each design, the others the first `--single` of them.
Coverage is that of the true difference of standardised risks by the intervals of cluster means, of least squares and of
the logistic mixed model, at an odds ratio of two.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from error_rates import REGIMES
from marked_page import keep_rates
from scipy import optimize, stats
from scipy.special import expit, logit

from cpis_analysis.analyses.estimators.cluster_rates import log_rates
from cpis_analysis.analyses.estimators.gee_equations import estimating_equations
from cpis_analysis.errors import CpisError
from cpis_analysis.lmm import (
    cluster_robust,
    glmer,
    lmer,
    ols,
    pseudo_likelihood,
    refit,
    refit_generalised,
    standardised,
)
from cpis_analysis.lmm.generalised.log_linear import log_linear
from cpis_analysis.seeds import generator

NOMINAL = 0.05
LATENT = math.pi**2 / 3
ODDS_RATIO = 2.0
SLOPES = (0.5, 0.5)
EVEN, UNEVEN = (10, 17), (40, 26, 17, 12, 9, 7, 5, 4, 4, 4)
SETTINGS = {
    "plain": [(risk, icc) for risk in (0.5, 0.15) for icc in ((0.0, 0.05), (0.0, 0.20))],
    "adjusted": [(risk, icc) for risk in (0.5, 0.15) for icc in ((0.0, 0.05), (0.05, 0.20))],
}
METHODS = {
    "two-stage": "two-stage t on team proportions (C: of trusts)",
    "paired": "two-stage t, paired within trusts",
    "cr2 trust": "least squares, CR2 by trust",
    "cr2 team": "least squares, CR2 by team",
    "lpm kr": "linear probability mixed model, trust + team, Kenward-Roger",
    "lpm z": "linear probability mixed model, trust + team, z",
    "gee md": "logistic GEE by team, Mancl-DeRouen, t(K - 2) *",
    "gee kc": "logistic GEE by team, Kauermann-Carroll, t(K - 2) *",
    "gee z": "logistic GEE by team, sandwich, z *",
    "glmm bw": "logistic mixed model (Laplace), trust + team, t(clusters - parameters)",
    "glmm z": "logistic mixed model (Laplace), trust + team, z",
    "pl kr": "logistic mixed model (pseudo-likelihood), trust + team, Kenward-Roger *",
    "pl bw": "logistic mixed model (pseudo-likelihood), trust + team, t(clusters - parameters) *",
    "standardised": "standardised difference of risks of the logistic mixed model, t(clusters - parameters) *",
    "ordinal scores": "ordered answers: two-stage t on mean scores",
    "ordinal bw": "ordered answers: cumulative logit, trust + team, t(clusters - parameters) *",
    "ordinal z": "ordered answers: cumulative logit, trust + team, z *",
    "count two-stage": "counts: two-stage t on team means of rates",
    "count log rates": "counts: two-stage t on log team rates (`cluster_rates`)",
    "count log paired": "counts: the same, paired within trusts",
    "count bw": "counts: Poisson mixed model, trust + team, t(clusters - parameters)",
    "count z": "counts: Poisson mixed model, trust + team, z",
}
RANDOM = "(1 | trust) + (1 | trust:team)"
Numbers = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Estimates, standard errors and degrees of freedom of some responses."""


@dataclass
class Design:
    """People of one allocation, and their answers: one column a response."""

    regime: str
    adjusted: bool
    frame: pd.DataFrame
    events: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    ordered: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    counts: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def covariates(self) -> list[str]:
        return ["one", "two"] if self.adjusted else []

    @property
    def right(self) -> str:
        return " + ".join(["arm", *self.covariates])

    @property
    def treated(self) -> np.ndarray:
        return (self.frame["arm"] == "i").to_numpy(float)

    @property
    def counted(self) -> float:
        return (5 if self.regime == "C" else 10) - 2.0


def people(random: np.random.Generator, regime: str, adjusted: bool) -> Design:
    """Trust, team, arm, two covariates and a time of everybody."""
    sizes = random.permutation(UNEVEN) if adjusted else random.integers(*EVEN, 10)
    rows = [
        (trust, f"{trust}{team}", arm)
        for trust, arms in zip("PQRST", REGIMES[regime], strict=True)
        for team, arm in enumerate(arms)
    ]
    frame = pd.DataFrame(
        [row for row, size in zip(rows, sizes, strict=True) for _ in range(size)], columns=["trust", "team", "arm"]
    )
    n = len(frame)
    frame = frame.assign(one=random.normal(size=n), two=random.integers(0, 2, n), time=random.integers(1, 3, n))
    return Design(regime, adjusted, frame.assign(log_time=np.log(frame["time"])))


def marginal(eta: np.ndarray, variance: float) -> np.ndarray:
    """Mean of the inverse logit over a normal random effect."""
    x, weights = np.polynomial.hermite.hermgauss(40)
    return expit(eta[:, None] + math.sqrt(2 * variance) * x) @ weights / math.sqrt(math.pi)


def answer(
    random: np.random.Generator, design: Design, risk: float, icc: tuple[float, float], shift: float, n: int
) -> float:
    """Give the design n responses; the difference of standardised risks that is true for these people."""
    frame = design.frame
    fixed = (SLOPES[0] * frame["one"] + SLOPES[1] * (frame["two"] - 0.5)).to_numpy() * design.adjusted
    variance = sum(icc) / (1 - sum(icc)) * LATENT
    base = optimize.brentq(lambda a: float(marginal(a + fixed, variance).mean()) - risk, -12, 12)
    effects = sum(
        math.sqrt(share / (1 - sum(icc)) * LATENT)
        * random.normal(size=(frame[level].nunique(), n))[pd.factorize(frame[level])[0]]
        for share, level in zip(icc, ("trust", "team"), strict=True)
    )
    part = (fixed + shift * design.treated)[:, None] + effects
    latent = base + part + logit(random.random((len(frame), n)))
    design.events = (latent > 0).astype(float)
    design.ordered = np.digitize(latent, [-0.8, 0.8]).astype(float)
    design.counts = random.poisson(3 * frame["time"].to_numpy()[:, None] * np.exp(0.5 * part)).astype(float)
    return float((marginal(base + shift + fixed, variance) - marginal(base + fixed, variance)).mean())


def cluster_means(design: Design, Y: np.ndarray, pairs: bool) -> Numbers:
    """`estimators.cluster_summary` for many responses: by team (in C by trust), or paired within trusts."""
    frame, treated = design.frame, design.treated
    if design.covariates:
        C = frame[design.covariates].to_numpy(float)
        beside = pd.get_dummies(frame["trust"]).to_numpy(float) if pairs else np.ones((len(frame), 1))
        Y = Y - C @ np.linalg.lstsq(np.column_stack([C, treated, beside]), Y, rcond=None)[0][: C.shape[1]]
    by = "trust" if design.regime == "C" and not pairs else "team"
    codes, labels = pd.factorize(frame[by])
    member = np.eye(len(labels))[codes]
    sizes = member.sum(axis=0)
    value, arm = member.T @ Y / sizes[:, None], (member.T @ treated / sizes) > 0.5
    trust = pd.factorize(frame["trust"])[0][np.unique(codes, return_index=True)[1]]
    return _compared(value, arm, trust, pairs)


def _compared(value: np.ndarray, arm: np.ndarray, trust: np.ndarray, pairs: bool) -> Numbers:
    """Student's t of values of clusters (clusters, B): between the arms, or within trusts that have both."""
    if pairs:
        split = [k for k in np.unique(trust) if len(set(arm[trust == k])) == 2]
        d = np.array([value[(trust == k) & arm].mean(axis=0) - value[(trust == k) & ~arm].mean(axis=0) for k in split])
        return d.mean(axis=0), d.std(axis=0, ddof=1) / math.sqrt(len(d)), np.full(d.shape[1], len(d) - 1.0)
    one, zero = value[arm], value[~arm]
    squares = sum(((side - side.mean(axis=0)) ** 2).sum(axis=0) for side in (one, zero))
    df = len(value) - 2.0
    error = np.sqrt(squares / df * (1 / len(one) + 1 / len(zero)))
    return one.mean(axis=0) - zero.mean(axis=0), error, np.full(value.shape[1], df)


def cluster_rates(design: Design, pairs: bool) -> Numbers:
    """`estimators.cluster_rates` for many responses: by team (in C by trust), or paired within trusts."""
    frame, treated, Y = design.frame, design.treated, design.counts
    time = frame["time"].to_numpy(float)
    expected = np.repeat(time[:, None], Y.shape[1], axis=1)
    if design.covariates:
        C = frame[design.covariates].to_numpy(float)
        beside = pd.get_dummies(frame["trust"]).to_numpy(float) if pairs else np.ones((len(frame), 1))
        beta, _ = log_linear(np.column_stack([C, treated, beside]), Y, np.log(time))
        expected = expected * np.exp((C - C.mean(axis=0)) @ beta[: C.shape[1]])
    by = "trust" if design.regime == "C" and not pairs else "team"
    codes = pd.factorize(frame[by])[0]
    value, _ = log_rates(Y, expected, codes)
    member = np.eye(codes.max() + 1)[codes]
    arm = (member.T @ treated / member.sum(axis=0)) > 0.5
    trust = pd.factorize(frame["trust"])[0][np.unique(codes, return_index=True)[1]]
    return _compared(value, arm, trust, pairs)


def robust(design: Design, level: str) -> Numbers:
    """CR2 of the arm's coefficient: weights of the residuals and df are those of the design, found once."""
    frame, Y = design.frame, design.events
    X = np.column_stack([np.ones(len(frame)), design.treated, *(frame[name] for name in design.covariates)])
    M = np.linalg.inv(X.T @ X)
    residual = Y - X @ (M @ (X.T @ Y))
    variance = np.zeros(Y.shape[1])
    for code in frame[level].unique():
        rows = (frame[level] == code).to_numpy()
        values, vectors = np.linalg.eigh(np.eye(rows.sum()) - X[rows] @ M @ X[rows].T)
        kept = values > 1e-10
        root = vectors[:, kept] / np.sqrt(values[kept]) @ vectors[:, kept].T
        variance += ((M @ X[rows].T @ root)[1] @ residual[rows]) ** 2
    table = cluster_robust(ols(f"event ~ {design.right}", frame.assign(event=Y[:, 0])), frame[level]).summary()
    own = table.loc["arm[i]"]
    if abs(math.sqrt(variance[0]) - own["std_error"]) > 1e-8:
        raise RuntimeError("the batched CR2 is not the engine's")
    return (M @ (X.T @ Y))[1], np.sqrt(variance), np.full(Y.shape[1], float(own["df"]))


def many(design: Design) -> dict[str, Numbers]:
    """Methods that fit all responses at once."""
    frame = design.frame
    found = {"two-stage": cluster_means(design, design.events, False)}
    if design.regime != "C":
        found["paired"] = cluster_means(design, design.events, True)
    found["ordinal scores"] = cluster_means(design, design.ordered, False)
    rates = design.counts / frame["time"].to_numpy()[:, None]
    found["count two-stage"] = cluster_means(design, rates, False)
    found["count log rates"] = cluster_rates(design, False)
    if design.regime != "C":
        found["count log paired"] = cluster_rates(design, True)
    for level in ("trust", "team"):
        found[f"cr2 {level}"] = robust(design, level)
    linear = lmer(f"event ~ {design.right} + {RANDOM}", frame.assign(event=design.events[:, 0]))
    tested = refit(linear, design.events, contrasts=["arm[i]"], ddf=("kenward-roger", "z")).contrasts["arm[i]"]
    for name, ddf in (("lpm kr", "kenward-roger"), ("lpm z", "z")):
        found[name] = tested[ddf].estimate, tested[ddf].std_error, tested[ddf].df
    for kind, Y, more in (
        ("glmm", design.events, {"family": "binomial"}),
        ("count", design.counts, {"family": "poisson", "offset": "log_time"}),
    ):
        fit = glmer(f"y ~ {design.right} + {RANDOM}", frame.assign(y=_usable(Y)), **more)
        rows = refit_generalised(fit, Y)
        estimate, error = (part["arm[i]"].to_numpy() for part in (rows.coefficients, rows.std_errors))
        for name, df in (("bw", design.counted), ("z", math.inf)):
            found[f"{kind} {name}"] = estimate, error, np.full(len(estimate), df)
    return found


def _usable(Y: np.ndarray) -> np.ndarray:
    """A response in which nobody's answer is certain, to begin with."""
    return Y[:, np.argmax(Y.var(axis=0))]


COVERING: dict[str, Callable[[Design], Numbers]] = {
    "two-stage": lambda design: cluster_means(design, design.events, False),
    "paired": lambda design: cluster_means(design, design.events, True),
    "cr2 trust": lambda design: robust(design, "trust"),
}
"""Differences of risks that all responses give at once, whose intervals are looked at as well."""

Single = Callable[[Design, int], "dict[str, tuple[float, float, float]]"]


def equations(correction: str, name: str) -> Single:
    """Estimating equations by team."""

    def one(design: Design, at: int) -> dict[str, tuple[float, float, float]]:
        frame = design.frame
        X = np.column_stack([np.ones(len(frame)), design.treated, *(frame[part] for part in design.covariates)])
        teams = pd.factorize(frame["team"], sort=True)[0]
        found = estimating_equations(design.events[:, at], X, teams, "logit", "exchangeable", correction)
        if found is None or not found.covariance[1, 1] > 0:
            return {}
        df = math.inf if correction == "none" else 8.0
        return {name: (float(found.coefficients[1]), math.sqrt(found.covariance[1, 1]), df)}

    return one


def pseudo(design: Design, at: int) -> dict[str, tuple[float, float, float]]:
    """Restricted pseudo-likelihood."""
    frame = design.frame.assign(event=design.events[:, at])
    fit = pseudo_likelihood(f"event ~ {design.right} + {RANDOM}", frame, family="binomial")
    pairs = (("pl kr", "kenward-roger"), ("pl bw", "between-within"))
    return {name: tuple(fit.summary(ddf).loc["arm[i]", ["estimate", "std_error", "df"]]) for name, ddf in pairs}


def ordinal(design: Design, at: int) -> dict[str, tuple[float, float, float]]:
    """Cumulative logit."""
    fit = glmer(f"y ~ {design.right} + {RANDOM}", design.frame.assign(y=design.ordered[:, at]), family="ordinal")
    numbers = float(fit.coefficients["arm[i]"]), math.sqrt(fit.vcov.loc["arm[i]", "arm[i]"])
    return {"ordinal bw": (*numbers, design.counted), "ordinal z": (*numbers, math.inf)}


def risks(design: Design, at: int) -> dict[str, tuple[float, float, float]]:
    """The standardised difference of risks."""
    frame = design.frame.assign(event=design.events[:, at])
    fit = glmer(f"event ~ {design.right} + {RANDOM}", frame, family="binomial")
    found = standardised(fit, "arm", values=("c", "i"), df=design.counted).comparisons
    row = found.xs("difference", level="measure").iloc[0]
    return {"standardised": (row["estimate"], row["std_error"], design.counted)}


SINGLE: dict[str, tuple[Single, ...]] = {
    "gee": (
        equations("mancl-derouen", "gee md"),
        equations("kauermann-carroll", "gee kc"),
        equations("none", "gee z"),
    ),
    "pseudo": (pseudo,),
    "ordinal": (ordinal,),
    "risks": (risks,),
}
"""Methods that fit one response after the other, by the name that `--fits` has for them."""


def cell(
    regime: str,
    kind: str,
    risk: float,
    icc: tuple[float, float],
    sizes: tuple[int, int, int],
    fits: tuple[str, ...] = tuple(SINGLE),
) -> pd.DataFrame:
    """Rejections, tests, data sets and (of the standardised difference) intervals that cover, by method.

    Parameters
    ----------
    sizes : (designs, responses of each, those of them that are fitted one by one)
    fits : tuple of str
        Which of `SINGLE`.
    """
    rows = pd.DataFrame(0, index=list(METHODS), columns=["rejected", "tested", "sets", "covered", "intervals"])
    designs, n, single = sizes
    for place in range(designs):
        random = generator(20180214, "answers", regime, kind, f"{risk}", repr(icc), str(place))
        design = people(random, regime, kind == "adjusted")
        answer(random, design, risk, icc, 0.0, n)
        for name, numbers in many(design).items():
            _count(rows, name, numbers, n)
        for test in [one for name in fits for one in SINGLE[name]]:
            found: dict[str, list[tuple[float, float, float]]] = {}
            for at in range(single):
                for name, one in _tried(test, design, at).items():
                    found.setdefault(name, []).append(one)
            for name, ones in found.items():
                _count(rows, name, tuple(np.array(ones, dtype=float).T), single)
        true = answer(random, design, risk, icc, math.log(ODDS_RATIO), n)
        _cover(rows, design, true, single if "risks" in fits else 0)
    return rows


def _cover(rows: pd.DataFrame, design: Design, true: float, single: int) -> None:
    """Count the intervals that hold the true difference; those of the mixed model of the first `single` responses."""
    n = design.events.shape[1]
    for name, made in COVERING.items():
        if name == "paired" and design.regime == "C":
            continue
        estimate, error, df = made(design)
        reach = stats.t.ppf(0.975, df) * error
        rows.loc[name, ["covered", "intervals"]] += [int((np.abs(estimate - true) <= reach).sum()), n]
    for at in range(single):
        for name, (one, error_of_one, freedom) in _tried(risks, design, at).items():
            reach_of_one = float(stats.t.ppf(0.975, freedom)) * error_of_one
            rows.loc[name, ["covered", "intervals"]] += [int(abs(one - true) <= reach_of_one), 1]


def _count(rows: pd.DataFrame, name: str, numbers: Numbers, n: int) -> None:
    estimate, error, df = numbers
    known = np.isfinite(estimate) & np.isfinite(error) & (error > 0) & ~np.isnan(df)
    p = 2 * stats.t.sf(np.abs(estimate[known]) / error[known], df[known])
    rows.loc[name, ["rejected", "tested", "sets"]] += [int((p < NOMINAL).sum()), int(known.sum()), n]


def _tried(test: Single, design: Design, at: int) -> dict[str, tuple[float, float, float]]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return test(design, at)
        except (CpisError, np.linalg.LinAlgError, ValueError, KeyError):
            return {}


Cells = dict[tuple[str, str], list[pd.DataFrame]]
"""By allocation and setting, one frame a risk and correlation, as `cell` gives it."""


def simulated(
    sizes: tuple[int, int, int], kinds: tuple[str, ...] = tuple(SETTINGS), fits: tuple[str, ...] = tuple(SINGLE)
) -> Cells:
    """Every cell of some settings."""
    cells: Cells = {}
    for kind in kinds:
        for regime in REGIMES:
            for risk, icc in SETTINGS[kind]:
                start = time.perf_counter()
                one = cell(regime, kind, risk, icc, sizes, fits)
                cells.setdefault((regime, kind), []).append(one)
                print(f"{regime} {kind} {risk} {icc}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
                print(one.to_string(), file=sys.stderr, flush=True)
    return cells


def table(cells: Cells, sizes: tuple[int, int, int]) -> str:
    """Markdown: a row a method, a column an allocation and a setting."""
    lines = ["| method | " + " | ".join(f"{regime}, {kind}" for regime, kind in cells) + " |"]
    lines.append("|---|" + "---|" * len(cells))
    for name, words in METHODS.items():
        lines.append(f"| {words} | " + " | ".join(_rate(parts, name) for parts in cells.values()) + " |")
    for name in (*COVERING, "standardised"):
        shown = [_rate(parts, name, "covered", "intervals") for parts in cells.values()]
        words = METHODS[name].removesuffix(" *") + (" *" if name == "standardised" else "")
        lines.append(f"| **coverage** at an odds ratio of {ODDS_RATIO:g}: {words} | {' | '.join(shown)} |")
    lost = [100 * (1 - sum(p.loc["glmm bw", "tested"] for p in parts) / sum(p.loc["glmm bw", "sets"] for p in parts))
            for parts in cells.values()]  # fmt: skip
    lines.append(
        f"| data sets of which the logistic mixed model has no result | {' | '.join(f'{x:.1f}' for x in lost)} |"
    )
    designs, n, single = sizes
    settings_each = len(next(iter(cells.values())))
    errors = [100 * math.sqrt(NOMINAL * (1 - NOMINAL) / (designs * k * settings_each)) for k in (n, single)]
    own = [100 * math.sqrt(NOMINAL * (1 - NOMINAL) / (designs * k)) for k in (n, single)]
    return "\n".join(
        [
            f"% rejected at nominal 5%, over the {settings_each} cells of a column, and in brackets in the worst of "
            f"them; {designs} designs a cell with {n} data sets each ({single} for methods with *). Monte Carlo "
            f"standard error of a rate of 5%: {errors[0]:.1f} points over a column, {own[0]:.1f} in a cell (with *: "
            f"{errors[1]:.1f} and {own[1]:.1f}). Cells: risks of 0.5 and 0.15, latent intraclass correlations of teams "
            "of 0.05 and 0.20; in the adjusted columns two covariates, sizes 10:1, and 0.05 for trusts beside the "
            "larger one.",
            "",
            *lines,
        ]
    )


def _rate(parts: list[pd.DataFrame], name: str, top: str = "rejected", of: str = "tested") -> str:
    counts = [(int(one.loc[name, top]), int(one.loc[name, of])) for one in parts if one.loc[name, of] > 0]
    if not counts:
        return "–"
    rates = [100 * hits / n for hits, n in counts]
    worst = min(rates) if top == "covered" else max(rates)
    return f"{100 * sum(hits for hits, _ in counts) / sum(n for _, n in counts):.1f} ({worst:.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=10)
    parser.add_argument("--responses", type=int, default=100)
    parser.add_argument("--single", type=int, default=3, help="Responses of a design that are fitted one by one.")
    parser.add_argument("--write", type=Path, help="Put the table between the marks of this file.")
    parser.add_argument("--settings", nargs="*", default=list(SETTINGS), choices=list(SETTINGS))
    parser.add_argument("--fits", nargs="*", default=list(SINGLE), choices=list(SINGLE))
    given = parser.parse_args()
    sizes = (given.designs, given.responses, given.single)
    text = table(simulated(sizes, tuple(given.settings), tuple(given.fits)), sizes)
    print(text)
    if given.write is not None:
        keep_rates(given.write, "answers", text)


if __name__ == "__main__":
    main()
