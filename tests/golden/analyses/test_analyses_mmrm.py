"""The estimator mmrm on a study of three waves, each contrast against nlme (data/lmm/residuals.json).

nlme has no Kenward-Roger: estimates and standard errors are those of the normal distribution (`df: z`), and
Kenward-Roger's are held against the engine's own fit, which tests/identities/test_lmm_residuals.py proves.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.lmm import lmer
from cpis_analysis.plan.specification import ContrastSpec
from wave_studies import three_waves, wave_specs

EXPECTED = json.loads((Path(__file__).parents[1] / "data" / "lmm" / "residuals.json").read_text())
FORMULA = "score ~ arm * wave + age"
CASES = {"three alone": FORMULA, "three clusters": f"{FORMULA} + (1 | site:team)"}


def spec_of(formula, **changes):
    contrasts = (ContrastSpec("by_wave"), ContrastSpec("average"))
    base = wave_specs("three_waves")["score.all"]
    chosen = {"estimator": "mmrm", "covariance": "unstructured", "contrasts": contrasts} | changes
    return replace(base, formula=formula, **chosen)


@pytest.mark.parametrize("case", CASES)
def test_changes_at_each_wave_and_their_average_match_nlme(case):
    result = run_analysis(spec_of(CASES[case], df_method="z"), three_waves())
    found = [one for one in (result.estimate, *result.contrasts) if one.measure != "joint test"]
    wanted = EXPECTED[case]
    np.testing.assert_allclose([one.estimate for one in found], wanted["estimate"], rtol=2e-5)
    np.testing.assert_allclose([one.se for one in found], wanted["se"], rtol=2e-5)
    assert abs(result.estimate.reml_loglik - wanted["logLik"]) < 1e-6
    assert [row["wave"] for row in result.variance_components if row["group"] == "Residual"] == ["0m", "6m", "12m"]


def test_kenward_roger_of_every_contrast_is_the_engine_s():
    data = three_waves()
    result = run_analysis(spec_of(CASES["three clusters"]), data)
    rows = data.interviews.dropna(subset=["score", "age"])
    fit = lmer(
        CASES["three clusters"], rows, residual="unstructured", within="pid", occasion="wave",
        reference={"arm": "usual", "wave": "0m"},
    )  # fmt: skip
    later = [f"arm[new]:wave[{wave}]" for wave in ("6m", "12m")]
    own = [fit.contrast(weights) for weights in ({later[0]: 1}, {later[1]: 1}, dict.fromkeys(later, 0.5))]
    found = [one for one in (result.estimate, *result.contrasts) if one.measure != "joint test"]
    for one, row in zip(found, own, strict=True):
        expected = row[["estimate", "std_error", "df", "p_value"]].iloc[0]
        np.testing.assert_allclose([one.estimate, one.se, one.df, one.p_value], expected, rtol=1e-7)
    joint = next(one for one in result.contrasts if one.measure == "joint test")
    test = fit.joint_test("arm:wave")[["statistic", "df2", "p_value"]].iloc[0]
    np.testing.assert_allclose(
        [joint.statistic, joint.df, joint.p_value], test[["statistic", "df2", "p_value"]], rtol=1e-7
    )


def test_order_of_time_decides_neighbours_not_that_of_names():
    """Of the names 0m, 12m and 6m the last two would be swapped, and with them the correlations of an AR(1)."""
    data = three_waves()
    spec = spec_of(FORMULA, covariance="ar1", contrasts=())
    rows = data.interviews.dropna(subset=["score", "age"])
    number = rows["wave"].astype(str).map({"0m": 1, "6m": 2, "12m": 3})
    fit = lmer(
        "score ~ arm * wave + age", rows.assign(number=number), residual="ar1", within="pid", occasion="number",
        reference={"arm": "usual", "wave": "0m"},
    )  # fmt: skip
    assert run_analysis(spec, data).estimate.reml_loglik == pytest.approx(fit.log_likelihood, abs=1e-9)


def test_lines_over_time_take_the_wave_of_each_interview():
    spec = spec_of("score ~ arm * months + age", effect="arm:months", covariance="heterogeneous-ar1", contrasts=())
    months = wave_specs("three_waves")["score.lines"]
    result = run_analysis(replace(spec, waves=months.waves, months=months.months), three_waves())
    assert np.isfinite(result.estimate.se)
    assert sum(row["group"] == "Residual" for row in result.variance_components) == 3
