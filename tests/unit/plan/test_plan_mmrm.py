"""Models with a covariance of residuals: keys of the plan, what is refused, and what an analysis reports."""

from dataclasses import replace

import numpy as np
import pytest

from cpis_analysis.analyses.fitting.forecast import forecast
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.chapters.models.table import model_table
from cpis_analysis.errors import PlanError
from cpis_analysis.lmm import lmer
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.specification_records import specs_from_json, specs_to_json
from cpis_analysis.translate.explain import Variables, explain
from cpis_analysis.words.labels import Labels
from made_up_study import PLAN as STUDY_PLAN
from made_up_study import study
from report_material import TEAM_WORDS

PLAN = (
    STUDY_PLAN
    + """outcomes:
  y: {label: Score, role: primary, models: [repeated]}
models:
  repeated: {label: Repeated, estimator: mmrm, formula: "FORMULA"MORE}
"""
)
LONG = "{outcome} ~ arm * wave + (1 | trust:team)"
WIDE = "{outcome}_6m ~ arm + (1 | trust:team)"


def planned(folder, formula=LONG, more=", effect: arm:wave"):
    path = folder / "config.yaml"
    path.write_text(PLAN.replace("FORMULA", formula).replace("MORE", more), encoding="utf-8")
    return load_plan(path)


def refused(folder, formula, more, estimator="mmrm"):
    path = folder / "config.yaml"
    text = PLAN.replace("FORMULA", formula).replace("MORE", more).replace("mmrm", estimator)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load_plan(path)
    return "\n".join(map(str, caught.value.problems))


@pytest.fixture(scope="module")
def data():
    return study(team_sd=1.0)


@pytest.mark.parametrize("random", ["", " + (1 | trust:team)"], ids=["alone", "clusters"])
def test_repeated_measures_report_what_the_engine_fits(random, data, tmp_path):
    plan = planned(tmp_path, f"{{outcome}} ~ arm * wave{random}")
    (spec,) = specs_from_json(specs_to_json(plan.specifications()))
    assert (spec.covariance, spec.residual_by, spec.rows) == ("unstructured", None, "long")
    assert not forecast(spec, data).refused
    result = run_analysis(spec, data)
    rows = data.interviews.dropna(subset=["y", "arm"])
    fit = lmer(
        f"y ~ arm * wave{random}", rows, residual="unstructured", within="participant_id", occasion="wave",
        reference={"arm": "c", "wave": "0m"},
    )  # fmt: skip
    own = fit.summary("kenward-roger").loc["arm[i]:wave[6m]"]
    found = result.estimate
    np.testing.assert_allclose([found.estimate, found.se, found.df], own[["estimate", "std_error", "df"]], rtol=1e-8)
    residual = [row for row in result.variance_components if row["group"] == "Residual"]
    assert [row["wave"] for row in residual] == ["0m", "6m"]
    np.testing.assert_allclose(
        [row["variance"] for row in residual], np.diag(fit.residual_covariances[0][1]), rtol=1e-8
    )
    # residuals that are normal with the right covariance lie on the line
    quantiles = result.diagnostics["residual_quantiles"]
    np.testing.assert_allclose(quantiles["observed"], quantiles["theoretical"], atol=0.6)
    table = model_table(result, Labels(plan.content, TEAM_WORDS))
    names = [row.cells[0] for group in table.groups for row in group.rows]
    assert "Residual, Before" in names
    assert "Residual, After" in names
    ((own,),) = [
        [row.cells[1] for row in group.rows if row.cells[0] == "Before and After"]
        for group in table.groups
        if group.label.startswith("Correlation")
    ]
    S = fit.residual_covariances[0][1].to_numpy()
    assert float(str(own)) == pytest.approx(S[0, 1] / np.sqrt(S[0, 0] * S[1, 1]), abs=0.005)
    assert "an unstructured covariance of a person's residuals over the waves" in " ".join(map(str, table.notes))
    assert ("no random team:" in " ".join(found.warnings)) == (random == "")


def test_arms_with_variances_of_their_own(data, tmp_path):
    plan = planned(tmp_path, WIDE, ", covariance: independent, residual_by: arm")
    (spec,) = specs_from_json(specs_to_json(plan.specifications()))
    result = run_analysis(spec, data)
    fit = lmer("y_6m ~ arm + (1 | trust:team)", data.participants, residual_by="arm", reference={"arm": "c"})
    own = fit.summary().loc["arm[i]"]
    found = result.estimate
    np.testing.assert_allclose([found.estimate, found.se, found.df], own[["estimate", "std_error", "df"]], rtol=1e-8)
    residual = [row["arm"] for row in result.variance_components if row["group"] == "Residual"]
    assert residual == ["c", "i"]
    assert 0.0 < found.icc_team < 1.0


def test_plan_says_what_a_covariance_needs(tmp_path):
    assert "formula must hold wave" in refused(tmp_path, WIDE, "")
    assert "plain mixed model" in refused(tmp_path, LONG, ", covariance: independent, effect: arm:wave")
    assert "only mmrm has the key covariance" in refused(tmp_path, LONG, ", effect: arm:wave, covariance: ar1", "mixed")
    assert "takes its clusters from the formula" in refused(tmp_path, LONG, ", effect: arm:wave, cluster: team")
    assert "covariance" in refused(tmp_path, LONG, ", effect: arm:wave, covariance: ar2")
    assert "no such degrees of freedom" in refused(tmp_path, LONG, ", effect: arm:wave, df: nearly-optimal")


def test_words_and_code_name_the_covariance(tmp_path):
    plan = planned(tmp_path, "{outcome} ~ arm * wave", ", effect: arm:wave, covariance: ar1, residual_by: arm")
    (spec,) = plan.specifications()
    variables = Variables({"arm": ("c", "i"), "wave": ("0m", "6m")})
    said = explain(spec, plan.content, variables)
    assert (
        "with a first-order autoregressive covariance of a person's residuals over the waves, for each arm its own"
        in (" ".join(said.words))
    )
    assert "ar1(wave | arm / participant_id)" in said.r
    assert 'vcov = "Kenward-Roger")' in said.r
    assert "repeated occasion / subject=participant_id type=ar(1) group=arm;" in said.sas
    assert "residuals(ar 1, t(occasion_) by(arm_))" in said.stata
    assert any("Σ ar1" in line for line in said.equation)
    crossed = replace(spec, formula="y ~ arm * wave + (1 | trust) + (1 | team)", residual_by=None)
    assert "no crossed random effects" in explain(crossed, plan.content, variables).r
