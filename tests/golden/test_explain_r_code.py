"""The explained R code, as it was run in R, against the engine; and the code of today against what was run."""

import json
import math

import pytest
from explain_cases import CASES, FOLDER, VARIABLES, case_spec, stored_data

from cpis_analysis.analyses.run import run_analysis
from cpis_analysis.plan.explain_model import explained_model
from cpis_analysis.plan.explain_r import r_code

STORED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
# lme4's optimiser stops at about 1e-6 of the deviance; random slopes the least exactly
TOLERANCE = dict.fromkeys(CASES, 2e-4) | {"cr2_team": 1e-8, "cr2_trust": 1e-8, "cluster_t": 1e-8,
                                           "cluster_t_paired": 1e-8, "trust_t_paired": 1e-8}


@pytest.fixture(scope="module")
def data():
    return stored_data()


@pytest.mark.parametrize("name", CASES)
def test_explain_r_code_is_the_code_that_was_run(name):
    assert r_code(explained_model(case_spec(name), VARIABLES)).splitlines() == STORED["cases"][name]["code"]


@pytest.mark.parametrize("name", CASES)
def test_explain_r_code_gives_what_the_engine_gives(name, data):
    expected = STORED["cases"][name]["result"]
    found = run_analysis(case_spec(name), data).estimate
    scale, relative = expected["se"], TOLERANCE[name]
    for ours, theirs in (("estimate", "estimate"), ("se", "se"), ("ci_low", "ci_low"), ("ci_high", "ci_high")):
        assert abs(getattr(found, ours) - expected[theirs]) <= 10 * relative * scale, (ours, found, expected)
    assert found.p_value == pytest.approx(expected["p_value"], abs=10 * relative)
    df = math.inf if expected["df"] == "Inf" else expected["df"]
    assert found.df == pytest.approx(df, rel=10 * relative)


def test_explain_golden_numbers_name_program_and_script():
    assert set(STORED["program"]) == {"R", "lme4", "lmerTest", "pbkrtest", "clubSandwich"}
    assert (FOLDER.parents[2] / STORED["script"].removeprefix("tests/")).is_file()
