"""Permutations of clusters against base R: adjusted levels, and several outcomes under the same allocations.

data/adjusted/make_reference.R tests every value by itself, data/step_down/make_reference.R fits every allocation.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cpis_analysis.analyses.fitting.joint_permutation import joint_p_values
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.lmm.resampling.adjusted import adjusted_permutation
from cpis_analysis.lmm.resampling.allocations import allocations
from cpis_analysis.plan.schema import Family
from explain_cases import stored_data
from made_up_study import spec

DATA = Path(__file__).parent / "data"
ADJUSTED, STEP_DOWN = (
    json.loads((DATA / name / "expected.json").read_text(encoding="utf-8")) for name in ("adjusted", "step_down")
)
FORMULAS = {"y": "y_6m ~ arm + y_0m", "z": "z_6m ~ arm + z_0m", "s": "s_6m ~ arm + age"}


@pytest.mark.parametrize("gold", ADJUSTED["designs"], ids=["6-6", "5-7", "7-8", "8-8"])
def test_adjusted_permutation_rejects_what_it_rejects_in_r(gold):
    treated = np.repeat([True, False], [len(gold["with"]), len(gold["without"])])
    every = allocations(np.zeros(len(treated)), treated, np.random.default_rng())
    found = adjusted_permutation(np.array(gold["with"] + gold["without"]), treated, every)
    for level, rejected in gold["rejected"].items():
        test = found.test(1 - float(level))
        inside = [test.ci_low <= value <= test.ci_high for value in gold["values"]]
        assert inside == [not one for one in rejected]
        p = [found.test(null=value).p_value for value in gold["values"]]
        assert [one <= float(level) for one in p] == rejected
    assert any(any(one) and not all(one) for one in gold["rejected"].values())


@pytest.fixture(scope="module")
def data():
    whole = stored_data()
    people = whole.participants.copy()
    people.loc[(people["trust"] == "B") & (people["team"] == "South"), "z_6m"] = float("nan")
    people["s_6m"] += 4 * (people["arm"] == "i")
    people["y_6m"] += 0.7 * (people["arm"] == "i")
    return replace(whole, participants=people)


@pytest.mark.parametrize("which", ["across", "within"])
def test_step_down_permutation_matches_r(which, data):
    gold = STEP_DOWN[which]
    results = [
        run_analysis(
            spec(formula, "permutation", across=which == "across", name=f"{name}.permuted", outcome=name,
                 followup=f"{name}_6m", baseline=None), data)
        for name, formula in FORMULAS.items()
    ]  # fmt: skip
    families = {"all": Family(outcomes=list(FORMULAS), method="romano-wolf")}
    found = joint_p_values(families, results, [one.spec.name for one in results], data, seed=1)
    own = {one.spec.name: one.estimate.p_value for one in results}
    for name, p in gold["adjusted"].items():
        # our p-values of the analyses count values farther out as well: none is smaller after adjustment
        assert found[f"{name}.permuted"] == pytest.approx(max(p, own[f"{name}.permuted"]), rel=1e-12)
    assert found["s.permuted"] == pytest.approx(gold["adjusted"]["s"], rel=1e-12)
    for name in ("y", "s"):  # of all teams
        assert own[f"{name}.permuted"] == pytest.approx(gold["alone"][name], rel=1e-12)
