"""The explained R code, as it was run in R, against the engine; and the code of today against what was run."""

import json
import math

import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.plan.contrast import STANDARDISED, STANDARDISED_RATIO
from cpis_analysis.translate.notation.translation import explained_model
from cpis_analysis.translate.r import r_code
from explain_cases import CASES, FOLDER, VARIABLES, case_spec, stored_data

pytestmark = pytest.mark.thorough

STORED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
# lme4's optimiser stops at about 1e-6 of the deviance; random slopes the least exactly
TOLERANCE = dict.fromkeys(CASES, 2e-4) | {
    "cr2_team": 1e-8,
    "cr2_trust": 1e-8,
    "cluster_t": 1e-8,
    "cluster_t_trust": 1e-8,
    "cluster_t_paired": 1e-8,
    "trust_t_paired": 1e-8,
    "by_gender_cr2": 1e-8,
    "gee_independence": 1e-7,
    "gee_kauermann_carroll": 1e-7,
    "gee_identity": 1e-7,
    "gee_fay_graubard": 1e-7,
    "gee_morel": 1e-7,
    "gee_satterthwaite": 1e-7,
    "gee_rate": 1e-7,
    "gee_by_arm": 1e-7,
    "gee_rate_by_arm": 1e-7,
    "jackknife_team": 1e-8,
    "jackknife_trust_rare": 1e-8,
    "jackknife_cv3": 1e-8,
    "by_design": 1e-8,
    **dict.fromkeys(("rates", "rates_exposure", "rates_paired", "rates_trust"), 1e-7),
    **dict.fromkeys((name for name in CASES if name.startswith(("permuted", "adjusted", "wild", "signs"))), 1e-8),
    # glmer takes its standard errors from a numerical Hessian
    **dict.fromkeys(("glmm_poisson", "glmm_rate"), 1e-3),
    # geepack divides the sum behind the working correlation by another count
    "gee": 2e-3,
}


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
    ends = {name: float(expected[name]) for name in ("estimate", "se", "ci_low", "ci_high")}
    for name, theirs in ends.items():
        own = getattr(found, name)
        assert own == theirs or abs(own - theirs) <= 10 * relative * scale, (name, found, expected)
    assert found.p_value == pytest.approx(expected["p_value"], abs=10 * relative)
    if "df" not in expected:
        assert math.isnan(found.df)
        return
    df = math.inf if expected["df"] == "Inf" else expected["df"]
    assert found.df == pytest.approx(df, rel=10 * relative)


@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].get("contrasts")])
def test_explain_r_contrasts_are_those_of_the_engine(name, data):
    expected = STORED["cases"][name]["contrasts"]
    result = run_analysis(case_spec(name), data)
    # beside an interaction the effect itself is one of the levels, and has no second row
    rows = {
        str(one.contrast): one
        for one in (result.estimate, *result.contrasts)
        # risks averaged over people and random effects, which R's fits have not
        if one.contrast.kind not in (STANDARDISED, STANDARDISED_RATIO)
    }
    assert set(rows) - {row["contrast"] for row in expected} <= {str(result.estimate.contrast)}
    found = [rows[row["contrast"]] for row in expected]
    relative = 10 * TOLERANCE[name]
    for one, row in zip(found, expected, strict=True):
        if one.measure == "joint test":
            assert one.num_df == row["num_df"]
        else:
            assert abs(one.estimate - row["estimate"]) <= relative * row["se"], row
            assert one.se == pytest.approx(row["se"], rel=relative), row
        # jsonlite leaves infinite cells of a frame out
        assert one.df == pytest.approx(row.get("df", math.inf), rel=relative), row
        assert abs(one.statistic - row["statistic"]) <= relative * max(1.0, abs(row["statistic"])), row
        assert one.p_value == pytest.approx(row["p_value"], abs=relative), row


def test_explain_golden_numbers_name_program_and_script():
    assert set(STORED["program"]) == {
        "R",
        "lme4",
        "lmerTest",
        "pbkrtest",
        "clubSandwich",
        "geepack",
        "ordinal",
        "glmmTMB",
        "nlme",
    }
    assert (FOLDER.parents[2] / STORED["script"].removeprefix("tests/")).is_file()
