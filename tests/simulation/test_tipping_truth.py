"""Outcomes that are not missing at random: the analysis at the true shifts is free of bias, the one at zero is not.

Ten teams in five trusts, one arm of each in a trust; people are lost by baseline and arm, and the outcomes of those
lost lie lower by an amount of their arm than those of people otherwise alike.
"""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.run import run_analysis
from cpis_analysis.analyses.tipping import find_tipping
from cpis_analysis.lmm import lmer
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.seeds import generator
from cpis_analysis.study.dataset import AnalysisData

SPEC = AnalysisSpec(
    name="y.m", outcome="y", model="m", estimator="mixed", rows="wide",
    formula="y_6m ~ arm + y_0m + (1 | trust) + (1 | trust:team)", effect="arm", df_method="kenward-roger",
    boundary="keep", cluster=None, pairs=False, population="available", where=(), level=0.95, arm="arm",
    reference="c", trust="trust", team="team", participant="pid", baseline_wave="0m", followup_wave="6m",
    baseline="y_0m", followup="y_6m", tipping_point=True,
)
EFFECT, SIZE = 2.0, 15
SHIFTS = {"c": -2.0, "i": -6.0}
"""Residual SD is 5: those lost lie 0.4 and 1.2 SD below expectation."""


def world(random, trust_sd=1.0, team_sd=1.5):
    """One study: the data as observed, and the complete outcomes."""
    cells = [(trust, team, arm) for trust in "ABCDE" for team, arm in (("N", "c"), ("S", "i"))]
    people = pd.DataFrame([cell for cell in cells for _ in range(SIZE)], columns=["trust", "team", "arm"])
    n = len(people)
    trusts, teams = random.normal(0, trust_sd, 5), random.normal(0, team_sd, 10)
    people["pid"] = [f"P{i:03d}" for i in range(n)]
    people["y_0m"] = random.normal(13, 6, n)
    treated = people["arm"] == "i"
    complete = (5 + 0.6 * people["y_0m"] + EFFECT * treated + np.repeat(trusts, 2 * SIZE) + np.repeat(teams, SIZE)
                + random.normal(0, 5, n))
    chance = 1 / (1 + np.exp(1.0 + 0.08 * (people["y_0m"] - 13) - 0.6 * treated))
    lost = random.random(n) < chance
    complete = complete + lost * people["arm"].map(SHIFTS)
    return people.assign(y_6m=complete.mask(lost)), complete


def trials(number, name):
    """Estimate at the true shifts, at zero, without any loss; the shares lost; the interval at the true shifts."""
    rows = []
    for place in range(number):
        people, complete = world(generator(20180214, name, str(place)))
        found = find_tipping(run_analysis(SPEC, AnalysisData(people, pd.DataFrame())),
                             sorted([SHIFTS["i"], SHIFTS["c"], 0.0, 1.0]))
        at = next(one for one in found.grid if (one.delta_reference, one.delta_other) == (SHIFTS["c"], SHIFTS["i"]))
        whole = lmer(SPEC.formula, people.assign(y_6m=complete), reference={"arm": "c"}).coefficients["arm[i]"]
        lost = people["y_6m"].isna().groupby(people["arm"]).mean()
        rows.append((at.estimate, found.result.estimate.estimate, whole, lost["c"], lost["i"], at.ci_low,
                     at.ci_high))
    return pd.DataFrame(rows, columns=["shifted", "mar", "whole", "lost_c", "lost_i", "low", "high"])


def check(found):
    """Bias within four standard errors at the true shifts, and far outside at zero."""
    n = np.sqrt(len(found))
    gap = found["shifted"] - found["whole"]
    assert abs(gap.mean()) < 4 * gap.std(ddof=1) / n
    wrong = found["mar"] - found["whole"]
    assert wrong.mean() > 10 * wrong.std(ddof=1) / n
    truth = EFFECT + SHIFTS["i"] * found["lost_i"].mean() - SHIFTS["c"] * found["lost_c"].mean()
    assert abs(found["shifted"].mean() - truth) < 4 * found["shifted"].std(ddof=1) / n
    return truth


def test_true_shifts_recover_the_truth():
    check(trials(40, "tipping"))


@pytest.mark.slow
def test_true_shifts_recover_the_truth_and_the_interval_covers_it():
    found = trials(1000, "tipping-long")
    truth = check(found)
    covered = ((found["low"] <= truth) & (truth <= found["high"])).mean()
    assert covered > 0.94
