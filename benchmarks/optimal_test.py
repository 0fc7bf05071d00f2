"""Size and power of the nearly optimal test beside Kenward-Roger and two-stage t, within the model and outside it.

    python benchmarks/optimal_test.py [--responses 4000] [--only cost] [--write docs/inference.md]

Ten teams in five trusts, one covariate. Allocations: A, each trust has one team of each arm; B, three trusts have both,
one has only the one and one only the other; C, the arm is a property of the trust. Teams of 10 to 15 or of 4 to 40
people. Every response is random; the designs are fixed by the seed. Power is at 0.6 total SDs. The last table says what
happens where the model does not hold.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from marked_page import keep_rates, write_between
from scipy import stats

from cpis_analysis.lmm import LinearMixedFit, lmer, refit
from cpis_analysis.lmm.optimal_test.tested_contrast import reduced_responses, trained_test
from cpis_analysis.lmm.optimal_test.trained import OptimalTest
from cpis_analysis.seeds import generator

ARMS = {"A": [0, 1] * 5, "B": [0, 0, 0, 1, 0, 1, 0, 1, 1, 1], "C": [0, 0, 1, 1, 0, 0, 1, 1, 0, 0]}
TEAMS = {"10-15": (10, 15, 12, 13, 14, 11, 12, 13, 14, 13), "4-40": (4, 40, 9, 20, 6, 12, 30, 5, 15, 8)}
CORRELATIONS = ((0.0, 0.0), (0.0, 0.05), (0.02, 0.05), (0.05, 0.05), (0.05, 0.10), (0.05, 0.20), (0.20, 0.05))
DIFFERENCE = 0.6
SEED = 20180214


def people(regime: str, sizes: str) -> pd.DataFrame:
    """The fixed design of a regime."""
    teams = np.repeat(np.arange(10), TEAMS[sizes])
    random = generator(SEED, "optimal test", regime, sizes)
    return pd.DataFrame(
        {
            "team": teams,
            "trust": teams // 2,
            "arm": np.array(ARMS[regime], dtype=float)[teams],
            "x": random.normal(size=len(teams)),
        }
    )


def responses(
    frame: pd.DataFrame,
    correlations: tuple[float, float],
    n: int,
    random: np.random.Generator,
    draw: Callable[[tuple[int, ...]], np.ndarray] | None = None,
    group: Callable[..., np.ndarray] | None = None,
    spread: np.ndarray | float = 1.0,
) -> np.ndarray:
    """(people, n) outcomes of total variance one: residuals by `draw`, clusters by `group`, both of unit variance."""
    of_trust, of_team = correlations
    draw, group = draw or random.standard_normal, group or random.standard_normal
    trust, team = frame["trust"].to_numpy(), frame["team"].to_numpy()
    spread = np.broadcast_to(spread, len(frame))[:, None]
    return (
        math.sqrt(of_trust) * group((5, n))[trust]
        + math.sqrt(of_team) * group((10, n))[team]
        + math.sqrt(1 - of_trust - of_team) * spread * draw((len(frame), n))
    )


class Rivals:
    """The tests of one design."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        start = generator(SEED, "start").normal(size=len(frame))
        self.fit: LinearMixedFit = lmer("y ~ arm + x + (1 | trust) + (1 | team)", frame.assign(y=start))
        begun = time.process_time()
        self.test: OptimalTest = trained_test(self.fit, "arm")
        self.cost = time.process_time() - begun

    def rejected(self, Y: np.ndarray) -> Mapping[str, np.ndarray]:
        """Whether each test rejects at 5%, by method."""
        kr = refit(self.fit, Y, contrasts=["arm"], ddf=("kenward-roger",)).contrasts["arm"]["kenward-roger"]
        return {
            "nearly optimal": self.test.statistic(*reduced_responses(self.fit, self.test, "arm", Y))
            > self.test.critical,
            "Kenward-Roger": kr.p_value < 0.05,
            "two-stage t": self.two_stage(Y) < 0.05,
        }

    def two_stage(self, Y: np.ndarray) -> np.ndarray:
        """p of the t test of team means, less the covariate's slope from least squares with the arm."""
        frame = self.frame
        X = np.column_stack([np.ones(len(frame)), frame["arm"], frame["x"]])
        slope = np.linalg.lstsq(X, Y, rcond=None)[0][2]
        means = pd.DataFrame(Y - np.outer(frame["x"], slope)).groupby(frame["team"].to_numpy()).mean().to_numpy()
        arms = frame.groupby("team")["arm"].first().to_numpy() == 1
        return stats.ttest_ind(means[arms], means[~arms]).pvalue


METHODS = ("nearly optimal", "Kenward-Roger", "two-stage t")


def size_table(n: int) -> str:
    """Size and power of every method in every cell."""
    lines = [
        "| allocation, team sizes | ICC trust, team | " + " | ".join(METHODS) + " |",
        "|---|---|" + "---|" * len(METHODS),
    ]
    for regime in ARMS:
        for sizes in TEAMS:
            rivals = Rivals(people(regime, sizes))
            test = rivals.test
            lines.append(
                f"| {regime}, {sizes}: average power {test.power:.3f}, bound {test.bound:.3f} | | "
                + " | ".join([""] * len(METHODS))
                + " |"
            )
            for correlations in CORRELATIONS:
                random = generator(SEED, "optimal test", regime, sizes, repr(correlations))
                Y = responses(rivals.frame, correlations, n, random)
                shift = DIFFERENCE * rivals.frame["arm"].to_numpy()[:, None]
                null, far = rivals.rejected(Y), rivals.rejected(Y + shift)
                cells = [f"{100 * null[name].mean():.1f} / {100 * far[name].mean():.0f}" for name in METHODS]
                lines.append(
                    f"| {regime}, {sizes} | {correlations[0]:g}, {correlations[1]:g} | " + " | ".join(cells) + " |"
                )
    error = 100 * math.sqrt(0.05 * 0.95 / n)
    return "\n".join(
        [
            f"Size at nominal 5% / power at {DIFFERENCE} total SDs, per cent; {n:,} responses a cell, Monte "
            f"Carlo standard error of a size of 5%: {error:.1f} points.",
            "",
            *lines,
        ]
    )


def outside_table(n: int) -> str:
    """Size where the model does not hold."""

    def t3(random):
        return lambda shape: random.standard_t(3, shape) / math.sqrt(3)

    def exponential(random):
        return lambda shape: random.exponential(1.0, shape) - 1.0

    def ceiling(random):
        # a third of the answers are the highest that there is
        return lambda shape: np.minimum(random.standard_normal(shape), 0.43)

    kinds: dict[str, Callable[[pd.DataFrame, np.random.Generator], dict]] = {
        "normal": lambda frame, random: {},
        "t3 everywhere": lambda frame, random: {"draw": t3(random), "group": t3(random)},
        "exponential everywhere": lambda frame, random: {"draw": exponential(random), "group": exponential(random)},
        "t3 trusts and teams": lambda frame, random: {"group": t3(random)},
        "ceiling": lambda frame, random: {"draw": ceiling(random)},
        "SD 1.5 v 0.75 by arm": lambda frame, random: {"spread": np.where(frame["arm"] == 1, 1.5, 0.75)},
        "means follow sizes of teams": lambda frame, random: {},
    }
    lines = [
        "| allocation, team sizes | ICC trust, team | " + " | ".join(kinds) + " |",
        "|---|---|" + "---|" * len(kinds),
    ]
    for regime in ARMS:
        for sizes in TEAMS:
            rivals = Rivals(people(regime, sizes))
            counts = np.bincount(rivals.frame["team"])
            informative = (counts - counts.mean()) / counts.std()
            for correlations in ((0.0, 0.0), (0.02, 0.05)):
                cells = []
                for name, settings in kinds.items():
                    random = generator(SEED, "departures", regime, sizes, repr(correlations), name)
                    Y = responses(rivals.frame, correlations, n, random, **settings(rivals.frame, random))
                    if name.startswith("means"):
                        # a fifth of an SD for an SD of team size, in a random direction in each response
                        sign = random.choice([-1.0, 1.0], n)
                        Y = Y + 0.2 * np.outer(informative[rivals.frame["team"]], sign)
                    found = rivals.rejected(Y)
                    cells.append(" / ".join(f"{100 * found[method].mean():.1f}" for method in METHODS))
                lines.append(
                    f"| {regime}, {sizes} | {correlations[0]:g}, {correlations[1]:g} | " + " | ".join(cells) + " |"
                )
    return "\n".join([f"Size at nominal 5%, per cent: {' / '.join(METHODS)}; {n:,} responses a cell.", "", *lines])


def cost_table(_: int) -> str:
    """Seconds of training, milliseconds of a response."""
    from cpis_analysis.lmm import nearly_optimal

    rivals = Rivals(people("A", "10-15"))
    nearly_optimal(rivals.fit, "arm")
    times = []
    for _ in range(200):
        begun = time.process_time()
        nearly_optimal(rivals.fit, "arm")
        times.append(time.process_time() - begun)
    Y = responses(rivals.frame, (0.02, 0.05), 2000, generator(SEED, "cost"))
    begun = time.process_time()
    rivals.test.statistic(*reduced_responses(rivals.fit, rivals.test, "arm", Y))
    many = (time.process_time() - begun) / 2000
    return (
        f"Training for the study's design: {rivals.cost:.1f} s of processor time. A response after that: "
        f"{1000 * min(times):.1f} ms with p-value and interval, {1e6 * many:.0f} microseconds for the test alone "
        "in a batch of 2,000."
    )


TABLES: Mapping[str, Callable[[int], str]] = {
    "cost": cost_table,
    "sizes": size_table,
    "departures": outside_table,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--responses", type=int, default=4000)
    parser.add_argument("--only", nargs="*", choices=list(TABLES), default=list(TABLES))
    parser.add_argument("--write", type=Path, help="Put the tables between the marks of this file.")
    given = parser.parse_args()
    texts = {f"optimal {name}": TABLES[name](given.responses) for name in given.only}
    print("\n\n".join(texts.values()))
    if given.write is not None:
        for name, text in texts.items():
            if name == "optimal cost":
                write_between(given.write, f"<!-- {name}: begin -->", f"<!-- {name}: end -->", text)
            else:
                keep_rates(given.write, name, text)


if __name__ == "__main__":
    main()
