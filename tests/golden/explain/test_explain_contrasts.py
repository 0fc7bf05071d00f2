"""Weights of further contrasts: SAS's cells and Stata's coefficients give the estimates of the engine.

SAS and Stata were not run. Their solutions are known from the engine's, though: with the reference as last level, SAS's
parameter of a cell is the coefficient of its codes, and zero where a code is the reference.
"""

import re
from itertools import product

import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.translate.notation.translation import Variables, explained_model
from cpis_analysis.translate.notation.wanted_contrasts import asked_contrasts, weights_of
from cpis_analysis.translate.sas import sas_code
from cpis_analysis.translate.stata import stata_code
from explain_cases import CASES, VARIABLES, case_spec, stored_data

# the effects of a generalised model are averaged over people and clusters, which no weights of coefficients do
ASKED = [name for name in CASES if CASES[name].get("contrasts") and CASES[name].get("estimator") != "glmm"]


@pytest.fixture(scope="module")
def results():
    data = stored_data()
    return {name: run_analysis(case_spec(name), data) for name in ASKED}


def model_of(name):
    return explained_model(case_spec(name), VARIABLES)


def rows_of(result):
    """Rows of estimates.csv by contrast; beside an interaction the effect itself is the difference at one level."""
    return {str(one.contrast): one for one in (result.estimate, *result.contrasts)}


def coefficients(result):
    return [row["estimate"] for row in result.coefficients]


@pytest.mark.parametrize("name", ASKED)
def test_asked_contrasts_are_the_rows_of_the_engine(name, results):
    effect, *others = rows_of(results[name])
    assert [one.name for one in asked_contrasts(model_of(name)) if one.name != effect] == others


@pytest.mark.parametrize("name", ASKED)
def test_weights_on_the_coefficients_give_the_estimates(name, results):
    model, values = model_of(name), coefficients(results[name])
    for asked in asked_contrasts(model):
        found = rows_of(results[name])[asked.name]
        rows = weights_of(model, asked)
        if rows is None or asked.is_joint:
            assert rows is None or len(rows) == found.num_df
            continue
        total = sum(weight * values[place] for place, weight in rows[0].items())
        assert total == pytest.approx(found.estimate, rel=1e-8)


@pytest.mark.parametrize("name", [name for name in ASKED if CASES[name].get("estimator") != "ols_cr2"])
def test_sas_estimate_statements_give_the_estimates(name, results):
    model, found = model_of(name), rows_of(results[name])
    known = {row["term"]: row["estimate"] for row in results[name].coefficients}
    statements = re.findall(r'^  estimate "(.*?)" (.*?) / cl', sas_code(model), flags=re.MULTILINE)
    assert len(statements) == sum(
        not one.is_joint and weights_of(model, one) is not None for one in asked_contrasts(model)
    )
    for label, text in statements:
        total = 0.0
        for term, weights in re.findall(r"([A-Za-z_]\w*(?:\*\w+)*)((?: -?[\d.]+(?:e-?\d+)?)+)", text):
            values = [float(value) for value in weights.split()]
            names = sorted(term.split("*"), key=list(model.factors + model.numbers).index)
            factors = [part for part in names if part in model.factors]
            levels = [(*sorted(model.ordered_levels(part)[1:]), model.ordered_levels(part)[0]) for part in factors]
            cells = list(product(*levels))
            assert len(cells) == len(values)
            for cell, value in zip(cells, values, strict=True):
                codes = dict(zip(factors, cell, strict=True))
                if all(code != model.ordered_levels(part)[0] for part, code in codes.items()):
                    parts = [f"{part}[{codes[part]}]" if part in codes else part for part in term.split("*")]
                    total += value * known[":".join(parts)]
        assert total == pytest.approx(found[label].estimate, rel=1e-8), label


def test_stata_lincom_and_test_name_coefficients_of_the_fit():
    lines = stata_code(model_of("by_team")).splitlines()
    assert "lincom 2.arm_ + 2.arm_#2.in_c_, small level(95)" in lines
    assert "test (2.arm_ = 0) (2.arm_#2.in_c_ = 0), small" in lines


def test_weights_that_depend_on_the_people_are_refused_and_said():
    code = sas_code(model_of("by_age_once"))
    assert "averaged over the people analysed" in code
    assert "estimate" not in code.replace("estimated", "")


def test_contrasts_of_unknown_codes_are_said_in_every_language():
    model = explained_model(case_spec("by_gender"), Variables(levels={"arm": ("c", "i"), "gender": ()}))
    assert [one.name for one in asked_contrasts(model)] == ["i - c (average)", "joint test of gender + arm:gender"]
    assert weights_of(model, asked_contrasts(model)[0]) is None


def test_explain_estimating_equations_say_what_other_programs_do_otherwise():
    model = model_of("gee")
    assert "empirical=firores" in sas_code(model)
    assert "xtgee b_6m i.arm_" in stata_code(model)
    assert "not run" in sas_code(model)
    assert "not run" in stata_code(model)
