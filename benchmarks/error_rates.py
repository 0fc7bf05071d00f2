"""How often each method rejects a true null hypothesis, on designs of the study's size, and what power is left.

    python benchmarks/error_rates.py [--designs 40] [--responses 50] [--write docs/error_rates.md]

People of ten teams in five trusts are followed up with 16% lost by baseline. Three allocations of the arm: A, each
trust has one team of each arm; B, one trust has only the one, one only the other, three have both; C, the arm is a
property of the trust (three against two). Outcomes are normal, correlated with baseline (0.6), with residual
intraclass correlations of trust and team as in the table, and no difference between the arms; baselines and losses are
drawn anew for each design, responses within it. The model is an ANCOVA. Power is at a true difference of half a
residual standard deviation.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from cpis_analysis.lmm import cluster_robust, lmer, ols, refit
from cpis_analysis.seeds import generator

REGIMES = {"A": "ci ci ci ci ci".split(), "B": "cc ci ci ci ii".split(), "C": "cc ii cc ii cc".split()}
"""Arms of the two teams of each trust."""
CORRELATIONS = ((0.0, 0.0), (0.02, 0.05), (0.05, 0.10), (0.05, 0.20))
DIFFERENCE = 0.5
NOMINAL = 0.05
METHODS = {
    "mixed kenward-roger": "mixed model, trust and team random, Kenward-Roger (the headline)",
    "cr2 trust": "least squares, CR2 by trust, Satterthwaite (the other anchor)",
    "team kenward-roger": "mixed model, team random, Kenward-Roger",
    "cr2 team": "least squares, CR2 by team, Satterthwaite",
    "two-stage": "two-stage t of team means (C: of trust means)",
    "two-stage paired": "two-stage t, paired within trusts (not in C)",
    "mixed satterthwaite": "mixed model, trust and team random, Satterthwaite",
    "mixed z": "mixed model, trust and team random, z",
    "ols": "least squares, clusters ignored",
}


def people(random: np.random.Generator, regime: str) -> pd.DataFrame:
    """Everybody followed up: trust, team, arm and baseline."""
    sizes = random.integers(12, 19, 10)
    rows = [
        (trust, f"{trust}{team}", arm)
        for trust, arms in zip("PQRST", REGIMES[regime], strict=True)
        for team, arm in enumerate(arms)
    ]
    frame = pd.DataFrame(
        [row for row, size in zip(rows, sizes, strict=True) for _ in range(size)], columns=["trust", "team", "arm"]
    )
    frame["before"] = random.normal(0, 1, len(frame))
    lost = random.random(len(frame)) < 1 / (1 + np.exp(1.75 + 0.5 * frame["before"]))
    return frame[~lost].reset_index(drop=True)


def responses(
    random: np.random.Generator, frame: pd.DataFrame, correlations: tuple[float, float], n: int
) -> np.ndarray:
    """(people, n) outcomes without a difference between the arms; the residual variance, clusters included, is one."""
    of_trust, of_team = correlations
    trusts, teams = (pd.factorize(frame[name])[0] for name in ("trust", "team"))
    return (
        0.75 * frame["before"].to_numpy()[:, None]
        + math.sqrt(of_trust) * random.normal(size=(5, n))[trusts]
        + math.sqrt(of_team) * random.normal(size=(10, n))[teams]
        + math.sqrt(1 - of_trust - of_team) * random.normal(size=(len(frame), n))
    )


def tests(frame: pd.DataFrame, outcomes: np.ndarray) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """(method, estimates, standard errors, df) of every response, each an array."""
    fitted = frame.assign(y=outcomes[:, 0])
    for name, random, methods in (
        ("mixed", "(1 | trust) + (1 | team)", ("kenward-roger", "satterthwaite", "z")),
        ("team", "(1 | team)", ("kenward-roger",)),
    ):
        found = refit(lmer(f"y ~ arm + before + {random}", fitted), outcomes, contrasts=["arm[i]"], ddf=methods)
        for method in methods:
            one = found.contrasts["arm[i]"][method]
            yield f"{name} {method}", one.estimate, one.std_error, one.df
    rows = {"ols": [], "cr2 trust": [], "cr2 team": []}
    for response in outcomes.T:
        fit = ols("y ~ arm + before", frame.assign(y=response))
        tables = {"ols": fit.summary("residual")} | {
            f"cr2 {cluster}": cluster_robust(fit, frame[cluster]).summary() for cluster in ("trust", "team")
        }
        for name, table in tables.items():
            rows[name].append(table.loc["arm[i]", ["estimate", "std_error", "df"]].to_numpy(dtype=float))
    for name, values in rows.items():
        yield name, *np.array(values).T
    yield from two_stages(frame, outcomes)


def two_stages(frame: pd.DataFrame, outcomes: np.ndarray) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """`estimators.cluster_summary` for many responses: the slope of baseline beside the arm, then cluster means."""
    treated = (frame["arm"] == "i").to_numpy(dtype=float)
    before, trusts = frame["before"].to_numpy(), pd.get_dummies(frame["trust"]).to_numpy(dtype=float)
    split = (frame.groupby("trust")["arm"].nunique() == 2).to_numpy()

    def means(columns: np.ndarray, cluster: str) -> tuple[np.ndarray, np.ndarray]:
        slopes = np.linalg.lstsq(columns, outcomes, rcond=None)[0][0]
        codes, labels = pd.factorize(frame[cluster], sort=True)
        member = np.eye(len(labels))[codes]
        value = member.T @ (outcomes - np.outer(before, slopes)) / member.sum(axis=0)[:, None]
        return value, member.T @ treated / member.sum(axis=0)

    value, arm = means(np.column_stack([before, np.ones(len(frame)), treated]), "team" if split.any() else "trust")
    sides = [value[arm == side] for side in (1, 0)]
    df = len(value) - 2
    squares = sum(((side - side.mean(axis=0)) ** 2).sum(axis=0) for side in sides)
    se = np.sqrt(squares / df * sum(1 / len(side) for side in sides))
    yield "two-stage", sides[0].mean(axis=0) - sides[1].mean(axis=0), se, np.full(len(se), float(df))
    if split.any():
        value, arm = means(np.column_stack([before, treated, trusts]), "team")
        of_trust = np.repeat(np.arange(5), 2)
        sides = [
            np.array([value[(of_trust == k) & (arm == side)].mean(axis=0) for k in np.flatnonzero(split)])
            for side in (1, 0)
        ]
        d = sides[0] - sides[1]
        df = len(d) - 1
        yield "two-stage paired", d.mean(axis=0), d.std(axis=0, ddof=1) / math.sqrt(len(d)), np.full(d.shape[1], df)


def rates(regime: str, correlations: tuple[float, float], designs: int, n: int, seed: int = 20180214) -> pd.DataFrame:
    """Size and power of every method in one cell.

    Returns
    -------
    DataFrame
        By method: size, power, df (median), failed (share without a test), singular fits are tests like any other.
    """
    found: dict[str, list[tuple[np.ndarray, ...]]] = {name: [] for name in METHODS}
    for place in range(designs):
        random = generator(seed, "error rates", regime, repr(correlations), str(place))
        frame = people(random, regime)
        for name, *numbers in tests(frame, responses(random, frame, correlations, n)):
            found[name].append(tuple(numbers))
    rows = {}
    for name, parts in found.items():
        if not parts:
            continue
        estimate, se, df = (np.concatenate(part) for part in zip(*parts, strict=True))
        known = np.isfinite(estimate) & np.isfinite(se) & ~np.isnan(df)
        # the methods are equivariant: a true difference moves the estimate and nothing else
        size, power = (
            float(np.mean(2 * stats.t.sf(np.abs(estimate[known] + shift) / se[known], df[known]) < NOMINAL))
            for shift in (0.0, DIFFERENCE)
        )
        rows[name] = {
            "size": size,
            "power": power,
            "df": float(np.median(df[known])),
            "failed": float(1 - known.mean()),
        }
    return pd.DataFrame(rows).T


def table(designs: int, n: int) -> str:
    """Markdown: a row a method, a column a cell, each with size / power in per cent."""
    cells = {}
    for regime in REGIMES:
        for correlations in CORRELATIONS:
            start = time.perf_counter()
            cells[regime, correlations] = rates(regime, correlations, designs, n)
            print(f"{regime} {correlations}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    head = [f"{regime} {trust:g}, {team:g}" for regime, (trust, team) in cells]
    lines = ["| method | " + " | ".join(head) + " |", "|---|" + "---|" * len(head)]
    for name, words in METHODS.items():
        shown = [
            f"{100 * cell.loc[name, 'size']:.1f} / {100 * cell.loc[name, 'power']:.0f}" if name in cell.index else "–"
            for cell in cells.values()
        ]
        lines.append(f"| {words} | " + " | ".join(shown) + " |")
    failed = max(float(cell["failed"].max()) for cell in cells.values())
    error = 100 * math.sqrt(NOMINAL * (1 - NOMINAL) / (designs * n))
    return "\n".join(
        [
            f"Size at nominal 5% / power at {DIFFERENCE} residual SD, both in per cent; {designs} designs with {n} "
            f"responses each in a cell, Monte Carlo standard error of a size of 5%: {error:.1f} points. Columns: "
            "allocation, residual intraclass correlations of trust and team. Share of responses without a test: "
            f"{100 * failed:.1f}% at most.",
            "",
            *lines,
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=40)
    parser.add_argument("--responses", type=int, default=50)
    parser.add_argument("--write", type=Path, help="Put the table between the marks of this file.")
    given = parser.parse_args()
    text = table(given.designs, given.responses)
    print(text)
    if given.write is not None:
        # found beside a script that is run; tests load this file by its path
        from marked_page import keep_rates

        keep_rates(given.write, "rates", text)


if __name__ == "__main__":
    main()
