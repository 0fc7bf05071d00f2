"""A real four-clinic trial through the analyses, against lme4, lmerTest and pbkrtest."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.dataset import build_dataset
from cpis_analysis.study.design_audit import audit_design
from cpis_analysis.study.events import with_answers_of_people

EXPECTED = json.loads((Path(__file__).parents[1] / "data" / "periodontal" / "expected.json").read_text())
RAW = Path(__file__).parents[3] / "examples" / "periodontal" / "data" / "raw" / "opt.csv"
DESIGN = Design.model_validate(
    {
        "participant": "pid",
        "arm": {"variable": "group", "reference": "C"},
        "levels": [{"variable": "clinic"}],
        "waves": [{"name": "bl", "label": "Baseline", "months": 0}, {"name": "v5", "label": "Visit 5", "months": 4}],
        "characteristics": ["age", "black", "tobacco"],
    }
)


@pytest.fixture(scope="module")
def data():
    raw = pd.read_csv(RAW)
    people = raw[["pid", "clinic", "group", "age", "black", "tobacco", "ga", "birthweight", "preterm"]]
    waves = []
    for wave in ("bl", "v5"):
        values = raw[["pid", f"pd_{wave}", f"bop_{wave}"]].set_axis(["pid", "pd", "bop"], axis=1)
        waves.append(values.dropna(subset=["pd", "bop"], how="all").assign(wave=wave))
    return build_dataset(people, pd.concat(waves), None, DESIGN, ["pd", "bop"])


def analysis(formula, outcome, df_method="kenward-roger"):
    return AnalysisSpec(
        name=f"{outcome}.ancova",
        outcome=outcome,
        model="ancova",
        estimator="mixed",
        rows="wide",
        formula=formula,
        effect="group",
        df_method=df_method,
        boundary="keep",
        cluster=None,
        pairs=False,
        population="available",
        where=(),
        level=0.95,
        arm="group",
        reference="C",
        levels=("clinic",),
        participant="pid",
        baseline_wave="bl",
        followup_wave="v5",
        baseline=f"{outcome}_bl",
        followup=f"{outcome}_v5",
    )


@pytest.mark.parametrize(
    ("name", "df_method"),
    [
        (name, method)
        for name in ("ancova_pd", "ancova_bop", "ancova_pd_adjusted")
        for method in ("kenward-roger", "satterthwaite")
    ],
)
def test_periodontal_estimates_match_lme4_and_pbkrtest(data, name, df_method):
    expected = EXPECTED[name]
    theirs = expected[df_method.replace("-", "_")]
    result = run_analysis(analysis(expected["formula"], name.split("_")[1], df_method), data)
    at = expected["terms"].index("groupT")
    estimate = result.estimate
    assert estimate.n_obs == expected["n"]
    assert estimate.reml_loglik == pytest.approx(expected["reml_loglik"], rel=1e-6)
    assert estimate.estimate == pytest.approx(expected["estimate"][at], rel=1e-6)
    assert estimate.se == pytest.approx(theirs["se"][at], rel=1e-6)
    assert estimate.df == pytest.approx(theirs["df"][at], rel=1e-6)
    assert estimate.statistic == pytest.approx(theirs["t"][at], rel=1e-6)
    # at p of 1e-44 the df's last digits move p; as -log p it is as exact as the rest
    assert estimate.p_value == pytest.approx(theirs["p"][at], rel=1e-4)
    assert estimate.singular is expected["singular"]
    variance = {row["group"]: row["variance"] for row in result.variance_components}
    assert variance == pytest.approx(expected["variance"], rel=1e-6)
    terms = [term.replace("[", "").replace("]", "") for term in (row["term"] for row in result.coefficients)]
    assert terms == expected["terms"]
    assert [row["estimate"] for row in result.coefficients] == pytest.approx(expected["estimate"], rel=1e-6)
    assert [row["df"] for row in result.coefficients] == pytest.approx(theirs["df"], rel=1e-6)


def test_periodontal_design_is_individual_with_people_counted(data):
    audit = audit_design(data, DESIGN)
    assert audit.level == "individual"
    assert sum(arm["recruited"] for arm in audit.arms) == EXPECTED["rows"]
    assert sum(arm["followup"] for arm in audit.arms) == EXPECTED["followed_up"]
    assert audit.degrees_of_freedom[0].df == EXPECTED["followed_up"] - 4 - 1


def test_periodontal_result_has_no_team_and_no_warning(data):
    result = run_analysis(analysis(EXPECTED["ancova_pd"]["formula"], "pd"), data)
    assert result.estimate.n_teams is None
    assert result.estimate.icc_team is None
    assert result.estimate.icc_trust == pytest.approx(
        EXPECTED["ancova_pd"]["variance"]["clinic"] / sum(EXPECTED["ancova_pd"]["variance"].values()), rel=1e-6
    )
    assert result.estimate.warnings == ()
    assert result.standardised["sd_source"] == "baseline"
    assert "659 of 823 people" in result.messages[0]


PRETERM = {
    1: (-0.0717585325595, 0.211277972015, 0.0291637184597, -308.739983509),
    15: (-0.0717581795582, 0.211284167801, 0.0292444202888, -308.73987124),
}
"""By points of quadrature: log odds ratio, standard error, variance of clinics and log-likelihood of
lme4 1.1.31, R 4.2.2: glmer(event ~ group + (1 | clinic), family = binomial, nAGQ = points, bobyqa, tolPwrss 1e-12)."""


@pytest.mark.parametrize("points", PRETERM)
def test_analyses_periodontal_preterm_birth_matches_glmer(points):
    raw = pd.read_csv(RAW)
    events = {"preterm_birth": ("preterm", ["Yes"])}
    interviews = raw[["pid", "pd_bl"]].set_axis(["pid", "pd"], axis=1).assign(wave="bl")
    people = raw[["pid", "clinic", "group", "preterm"]]
    made = build_dataset(people, interviews, None, DESIGN, [])
    made = replace(made, participants=with_answers_of_people(made.participants, events, {}, "v5"))
    spec = analysis("preterm_birth_v5 ~ group + (1 | clinic)", "preterm_birth", "z")
    spec = replace(spec, estimator="glmm", outcome_type="binary", family="binomial", quadrature=points)
    found = run_analysis(spec, made)
    estimate, error, variance, log_likelihood = PRETERM[points]
    assert found.estimate.n_participants == 814
    assert abs(found.estimate.estimate - estimate) < 1e-5 * error
    assert found.estimate.se == pytest.approx(error, rel=1e-4)
    assert found.variance_components[0]["variance"] == pytest.approx(variance, rel=1e-3)
    assert f"Log-likelihood: {log_likelihood:.2f}." in found.messages
