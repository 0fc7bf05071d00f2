"""Step-down permutation of three outcomes against R, which fits every allocation (data/step_down/make_reference.R)."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cpis_analysis.analyses.fitting.joint_permutation import joint_p_values
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.plan.schema import Family
from explain_cases import stored_data
from made_up_study import spec

EXPECTED = json.loads((Path(__file__).parent / "data" / "step_down" / "expected.json").read_text(encoding="utf-8"))
FORMULAS = {"y": "y_6m ~ arm + y_0m", "z": "z_6m ~ arm + z_0m", "s": "s_6m ~ arm + age"}


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
    gold = EXPECTED[which]
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
