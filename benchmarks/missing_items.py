"""What missing items do to a scale's score with ten teams: bias, coverage and width, prorated and imputed.

    python benchmarks/missing_items.py [--replicates 100] [--imputations 10] [--seed 20180214] \
        [--write docs/missing_outcomes.md]

Ten teams of 12 to 18 people in five trusts, one team of each arm in a trust. A scale of 27 yes-no items at baseline and
at follow-up, from easy to hard, each by a normal threshold model of what people have access to; that goes with
baseline, an auxiliary variable known of everybody, trusts, teams and arm. The score is the number of items with a yes;
the difference that is looked for is that of a linear model of the score on arm and baseline score in 400,000 people.

Items are lost at random given what is known (MAR): at follow-up in one arm above all the hard ones, and above all of
people low at baseline and in the auxiliary variable; in the other arm anybody's and any. At baseline by chance. In the
mixed losses 20% of people have no follow-up at all besides, in one arm those low at baseline and in the auxiliary
variable.

The score is prorated where at least half of the items are answered, and missing otherwise.
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
from losses import chances
from marked_page import write_between

from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.imputation.chained import impute
from cpis_analysis.imputation.item_score import ItemScore
from cpis_analysis.imputation.rubin import pool
from cpis_analysis.instruments.scale import ScaleRule, score_matrix
from cpis_analysis.lmm import lmer
from cpis_analysis.seeds import generator

BEGIN, END = "<!-- missing items: begin -->", "<!-- missing items: end -->"
ITEMS = 27
WAVES = {"before": "b", "y": "f"}
RULE = ScaleRule(tuple(f"i{k:02d}" for k in range(ITEMS)), 0, 1, max_missing=13)
SCORES = [
    ItemScore(score, tuple(f"{wave}{k:02d}" for k in range(ITEMS)), (0.0,) * ITEMS, (1.0,) * ITEMS, (1.0,) * ITEMS)
    for score, wave in WAVES.items()
]
LOSSES = {"10% of items": (0.1, 0.0), "30% of items": (0.3, 0.0), "10% of items, 20% of people": (0.1, 0.2)}
METHODS = {
    "whole": "all answers known",
    "prorated": "prorated, as observed",
    "scores": "prorated, missing scores imputed",
    "items": "items imputed",
}
FORMULA = parse_formula("y ~ arm + before + (1 | trust) + (1 | trust:team)")
EFFECT, SHIFT = "arm[i]", 0.5
Row = tuple[float, float, float, float]


def people(random: np.random.Generator, team: np.ndarray) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Who they are, and their answers at both waves, all known."""
    n, teams = len(team), int(team.max()) + 1
    before, rest = random.normal(size=n), random.normal(size=n)
    of_trust = math.sqrt(0.02) * random.normal(size=teams // 2 + 1)
    of_team = math.sqrt(0.05) * random.normal(size=teams)
    chance = math.sqrt(1 - 0.02 - 0.05 - 0.6**2 - 0.4**2) * random.normal(size=n)
    after = 0.6 * before + 0.4 * rest + of_trust[team // 2] + of_team[team] + chance + SHIFT * (team % 2)
    hard = np.linspace(-1.2, 1.2, ITEMS)
    answers = [(1.2 * of[:, None] - hard + random.normal(size=(n, ITEMS)) > 0).astype(float) for of in (before, after)]
    frame = pd.DataFrame(
        {
            "trust": pd.Categorical([f"T{k // 2}" for k in team]),
            "team": pd.Categorical([f"t{k % 2}" for k in team]),
            "arm": pd.Categorical(np.where(team % 2 == 1, "i", "c")),
            "auxiliary": 0.5 * before + rest,
        }
    )
    return frame, answers[0], answers[1]


def lost(
    random: np.random.Generator, frame: pd.DataFrame, first: np.ndarray, share: float, whole: float
) -> tuple[np.ndarray, np.ndarray]:
    """Which answers are lost at baseline and at follow-up, (people, items) bool."""
    low = -(first.mean(axis=1) - 0.5) * 3 - 0.8 * frame["auxiliary"].to_numpy()
    mine = (frame["arm"] == "i").to_numpy()
    slope = np.where(mine[:, None], low[:, None] + np.linspace(-2, 2, ITEMS), 0.0)
    gone = random.random(slope.shape) < chances(slope, share)
    gone |= (random.random(len(frame)) < chances(np.where(mine, low, 0.0), whole))[:, None]
    return random.random(slope.shape) < share, gone


def analyses(random: np.random.Generator, share: float, whole: float, m: int) -> Iterator[tuple[str, Row]]:
    """(method, (estimate, standard error, ends of the 95% interval)) of one trial."""
    frame, *answers = people(random, np.repeat(np.arange(10), random.integers(12, 19, 10)))
    known = frame.assign(before=answers[0].sum(axis=1), y=answers[1].sum(axis=1))
    yield "whole", _row(lmer(FORMULA, known).summary("kenward-roger").loc[EFFECT])
    seen = [
        np.where(gone, np.nan, all_)
        for all_, gone in zip(answers, lost(random, frame, answers[0], share, whole), strict=True)
    ]
    scored = frame.assign(before=score_matrix(seen[0], RULE).score, y=score_matrix(seen[1], RULE).score)
    prorated = _complete(scored)
    yield "prorated", _row(prorated)
    yield "scores", _imputed(random, scored, [], m, float(prorated["df"]))
    columns = {
        name: column for one, of in zip(SCORES, seen, strict=True) for name, column in zip(one.items, of.T, strict=True)
    }
    # of those who gave any answer, as analyses of a plan do
    some = scored.assign(**{one.score: one.of_some(of) for one, of in zip(SCORES, seen, strict=True)})
    yield "items", _imputed(random, scored.assign(**columns), SCORES, m, float(_complete(some)["df"]))


def _complete(scored: pd.DataFrame) -> pd.Series:
    return lmer(FORMULA, scored.dropna().reset_index(drop=True)).summary("kenward-roger").loc[EFFECT]


def _imputed(
    random: np.random.Generator, seen: pd.DataFrame, scores: list[ItemScore], m: int, observed_df: float
) -> Row:
    imputed = impute(seen, FORMULA, auxiliary=["auxiliary"], m=m, random=random, scores=scores)
    fits = [lmer(FORMULA, imputed.frame(i)).summary("kenward-roger").loc[EFFECT] for i in range(m)]
    parts = (np.array([fit[name] for fit in fits]) for name in ("estimate", "std_error", "df"))
    one = pool(*parts, observed_df=observed_df)
    return (one.estimate, one.se, one.ci_low, one.ci_high)


def _row(found: pd.Series) -> Row:
    return tuple(float(found[name]) for name in ("estimate", "std_error", "ci_low", "ci_high"))


def truth(seed: int) -> float:
    """The difference that is looked for."""
    frame, first, last = people(generator(seed, "truth"), np.repeat(np.arange(2000), 200))
    X = np.column_stack([np.ones(len(frame)), frame["arm"] == "i", first.sum(axis=1)]).astype(float)
    return float(np.linalg.lstsq(X, last.sum(axis=1), rcond=None)[0][1])


def cell(share: float, whole: float, replicates: int, m: int, seed: int) -> dict[str, np.ndarray]:
    """Rows of every method, (replicates, 4) each; the same trials whatever is lost."""
    found: dict[str, list[Row]] = {name: [] for name in METHODS}
    for number in range(replicates):
        for name, row in analyses(generator(seed, "missing items", str(number)), share, whole, m):
            found[name].append(row)
    return {name: np.array(rows) for name, rows in found.items()}


def table(replicates: int, m: int, seed: int) -> str:
    """Markdown: a row a loss and method."""
    true, lines = truth(seed), []
    for loss, (share, whole) in LOSSES.items():
        start = time.process_time()
        rows = cell(share, whole, replicates, m, seed)
        print(f"{loss}: {time.process_time() - start:.0f} s", file=sys.stderr, flush=True)
        known = rows["whole"][:, 0]
        if not lines:
            lines.append(_line("none", METHODS["whole"], rows["whole"], known, true))
        lines += [_line(loss, METHODS[name], rows[name], known, true) for name in METHODS if name != "whole"]
    return "\n".join(
        [
            f"{replicates} trials, the same in all, {m} imputations each, seed {seed}; the true difference is "
            f"{true:.2f} points. Monte Carlo standard errors in brackets; off: how far the estimate lies from that of "
            "all answers in the same trial, root mean square.",
            "",
            "| lost | analysis | bias, beside all answers | off | SD of estimates | mean standard error | mean width | "
            "coverage, % |",
            "|---|---|---:|---:|---:|---:|---:|---:|",
            *lines,
        ]
    )


def _line(loss: str, method: str, rows: np.ndarray, known: np.ndarray, true: float) -> str:
    estimate, se, low, high = rows.T
    n, inside, off = len(rows), int(((low < true) & (true < high)).sum()), estimate - known
    near = (inside + 2) / (n + 4)  # Agresti & Coull 1998, so that all or none has an error too
    error = math.sqrt(near * (1 - near) / (n + 4))
    bias = "" if not off.any() else f"{off.mean():+.2f} ({off.std(ddof=1) / math.sqrt(n):.2f})"
    return (
        f"| {loss} | {method} | {bias} | {math.sqrt((off**2).mean()):.2f} | {estimate.std(ddof=1):.2f} | "
        f"{math.sqrt((se**2).mean()):.2f} | {(high - low).mean():.2f} | {100 * inside / n:.1f} ({100 * error:.1f}) |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=100)
    parser.add_argument("--imputations", type=int, default=10)
    parser.add_argument("--seed", type=int, default=20180214)
    parser.add_argument("--write", type=Path, help="Put the table between the marks of this file.")
    given = parser.parse_args()
    text = table(given.replicates, given.imputations, given.seed)
    print(text)
    if given.write is not None:
        write_between(given.write, BEGIN, END, text)


if __name__ == "__main__":
    main()
