"""Explained models: the coefficients are the engine's, the indices and commands say what the formula says."""

import re
from dataclasses import replace

import pytest

from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.lmm.designs.design import build_design
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.translate.equation import equation_lines
from cpis_analysis.translate.notation.translation import Variables, explained_model
from cpis_analysis.translate.r import r_code
from cpis_analysis.translate.sas import sas_code
from cpis_analysis.translate.stata import stata_code
from cpis_analysis.translate.words import explanation_sentences, one_sentence
from made_up_study import spec, study

VARIABLES = Variables(
    levels={
        "arm": ("c", "i"),
        "gender": ("f", "m"),
        "trust": tuple("ABCDE"),
        "team": ("North", "South"),
        "wave": ("0m", "6m"),
    },
    repeated=frozenset({"y"}),
    joined=frozenset({"y_0m", "y_6m", "y_change"}),
)
FORMULAS = [
    "y_6m ~ arm + y_0m + age + gender + (1 | trust) + (1 | trust:team)",
    "y_6m ~ 0 + arm + y_0m + (1 | trust:team)",
    "y_6m ~ arm * gender + trust + (1 | trust:team)",
    "y_6m ~ arm:gender + age + (1 | trust:team)",
    "y ~ arm * wave * gender + (1 | trust:team) + (1 | participant_id)",
    "y_6m ~ arm + trust * gender + log(age) + (1 | trust:team)",
]


def model_of(formula, **changes):
    return explained_model(spec(formula, **changes), VARIABLES)


@pytest.mark.parametrize("formula", FORMULAS)
def test_explain_coefficients_are_the_engines(formula):
    rows = analysis_rows(spec(formula), study(seed=3))
    design = build_design(rows.formula, rows.frame, reference={"arm": "c"})
    assert [column.name for column in model_of(formula).columns] == list(design.term_names)


def test_explain_equation_subscripts_follow_the_levels():
    lines = equation_lines(
        model_of("y ~ arm * wave + age + (1 | trust) + (1 | trust:team:wave) + (1 | participant_id)", effect="arm:wave")
    )
    assert lines[0].startswith("yᵢⱼₖₜ = β₀ + β₁·arm[i]ᵢⱼₖ + β₂·wave[6m]ₜ + β₃·ageᵢⱼₖ + β₄·arm[i]ᵢⱼₖ·wave[6m]ₜ")
    assert lines[0].endswith("uₖ + vⱼₖₜ + wᵢⱼₖ + εᵢⱼₖₜ")
    assert lines[-1] == "reported: β₄, the coefficient of arm[i]:wave[6m]"


def test_explain_equation_without_teams_has_no_j():
    lines = equation_lines(model_of("y_6m ~ arm + (1 | trust)", levels=("trust",)))
    assert lines[0] == "y_6mᵢₖ = β₀ + β₁·arm[i]ᵢₖ + uₖ + εᵢₖ"


def test_explain_equation_braces_balance_in_latex():
    for formula in FORMULAS:
        for line in equation_lines(model_of(formula), "latex")[:-3]:
            assert line.count("{") == line.count("}")


@pytest.mark.parametrize("formula", [f for f in FORMULAS if "arm:gender" not in f])
def test_explain_code_names_every_variable(formula):
    model = model_of(formula, effect="arm")
    for code in (sas_code(model), stata_code(model)):
        for name in model.formula.variables:
            assert re.search(rf"\b{name}_?\b", code), (name, code)


@pytest.mark.parametrize(
    "changes",
    [
        {"estimator": "ols_cr2", "cluster": "trust"},
        {"estimator": "ols_cr2", "cluster": "team"},
        {"estimator": "gee", "cluster": "trust"},
        {"estimator": "cluster_summary", "cluster": "team", "pairs": True},
    ],
)
def test_explain_stata_makes_no_variable_twice(changes):
    """Stata stops at the second: the trust's column and the clusters by trust are one variable."""
    base = spec("y_6m ~ arm + y_0m + trust", "ols_cr2", link="identity", correlation="exchangeable")
    code = stata_code(explained_model(replace(base, **changes), VARIABLES))
    made = re.findall(r"generate\((\w+)\)|egen (\w+) =", code)
    names = [encoded or grouped for encoded, grouped in made]
    assert "trust_" in names
    assert len(names) == len(set(names))


def test_explain_stata_options_stand_behind_one_comma():
    for formula in (*FORMULAS, "y_6m ~ arm + age + (1 + age | trust:team)"):
        line = next(line for line in stata_code(model_of(formula)).splitlines() if line.startswith("mixed "))
        assert line.rsplit("||", 1)[1].count(",") == 1


@pytest.mark.parametrize("changes", [{}, {"estimator": "glmm", "family": "binomial"}])
def test_explain_sas_random_lines_are_one_a_term(changes):
    code = sas_code(model_of("y_6m ~ arm + (1 + age | trust) + (1 | trust:team)", **changes))
    assert "random intercept age / subject=trust type=un;" in code
    assert "random intercept / subject=team(trust);" in code


@pytest.mark.parametrize(("arms", "less"), [(("c", "i"), "2"), (("c", "i", "j"), "3")])
def test_explain_r_of_estimating_equations_takes_a_degree_of_freedom_for_each_arm(arms, less):
    keys = {"link": "logit", "correlation": "independence", "correction": "mancl-derouen", "cluster": "team"}
    known = replace(VARIABLES, levels={**VARIABLES.levels, "arm": arms})
    lines = r_code(explained_model(spec("y_6m ~ arm + age", "gee", **keys), known)).splitlines()
    assert [line for line in lines if line.startswith("df <- ")] == [f"df <- nlevels(rows$cluster) - {less}"]


def test_explain_unknown_codes_are_left_open():
    model = explained_model(spec("y_6m ~ arm + site + (1 | trust)"), Variables(levels={"arm": ("c", "i"), "site": ()}))
    assert "Σₗ β₂·site[l]ᵢⱼₖ" in equation_lines(model)[0]


def test_explain_words_call_clusters_as_the_study_does():
    """No role of the plan (trust, team), no name of a variable (school_id), no plural by an s alone (classs)."""
    fixed = "{outcome}_6m ~ arm + {outcome}_0m"
    models = {
        "mixed": {"formula": f"{fixed} + (1 | school_id) + (1 | school_id:class)"},
        "robust": {"formula": fixed, "estimator": "ols_cr2", "cluster": "class"},
        "means": {"formula": fixed, "estimator": "cluster_summary", "cluster": "class"},
        "paired": {"formula": fixed, "estimator": "cluster_summary", "cluster": "class", "pairs": True},
    }
    content = PlanFile.model_validate(
        {
            "version": 2,
            "study": {"name": "Schools", "short_name": "S", "synthetic": True, "randomised": False},
            "data": {"dictionary": "d.csv", "sources": {"log": {"file": "log.csv", "holds": "participants"}}},
            "design": {
                "participant": "pupil",
                "arm": {"variable": "arm", "reference": "c"},
                "levels": [{"variable": "school_id"}, {"variable": "class"}],
                "waves": [{"name": name, "label": name, "months": int(name[0])} for name in ("0m", "6m")],
            },
            "outcomes": {"y": {"label": "Y", "role": "primary", "models": list(models)}},
            "models": {name: {"label": name, **model} for name, model in models.items()},
            "report": {"title": "T"},
        }
    )
    variables = Variables(
        levels={"arm": ("c", "i"), "school_id": ("A", "B"), "class": ("1", "2"), "wave": ("0m", "6m")},
        repeated=frozenset({"y"}),
        joined=frozenset({"y_0m", "y_6m", "y_change"}),
    )
    said = []
    for one in Plan(content, None, None).specifications():
        model = explained_model(one, variables)
        said += [one_sentence(model, content), *explanation_sentences(model, content)]
    text = " ".join(said)
    assert "over schools, each counting once" in text
    text = text.replace("everybody with arm, class, school_id,", "")  # the variables of the model
    assert re.findall(r"trusts?\b|teams?\b|classs|school_id", text) == []
    assert "constant within classes" in text
    assert "the arm and the schools beside them" in text
