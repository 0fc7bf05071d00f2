"""Models with means of clusters against lme4 and pbkrtest; data/cluster_means/make_reference.R."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from explain_cases import case_spec, stored_data

EXPECTED = json.loads((Path(__file__).parent / "data" / "cluster_means" / "expected.json").read_text())
CASES = {
    "covariate": "y_6m ~ arm + y_0m + mean(y_0m | team) + (1 | trust:team)",
    "parts": "y_6m ~ arm + within(y_0m | team) + mean(y_0m | team) + (1 | trust) + (1 | trust:team)",
    "arm": "y_6m ~ arm + mean(arm | trust) + y_0m + (1 | trust:team)",
    "moderated": "y_6m ~ arm * mean(y_0m | team) + y_0m + (1 | trust:team)",
}


@pytest.mark.parametrize("name", CASES)
def test_cluster_means_match_lme4_and_pbkrtest(name):
    """Estimates to 1e-5 of their standard errors, these and degrees of freedom to 1e-5 of themselves."""
    result = run_analysis(replace(case_spec("ancova"), formula=CASES[name]), stored_data())
    expected = {key: np.array(values) for key, values in EXPECTED[name].items()}
    found = {key: np.array([row[key] for row in result.coefficients]) for key in expected}
    np.testing.assert_array_less(np.abs(found["estimate"] - expected["estimate"]), 1e-5 * expected["std_error"])
    assert found["std_error"] == pytest.approx(expected["std_error"], rel=1e-5)
    assert found["df"] == pytest.approx(expected["df"], rel=1e-5)


def test_cluster_means_golden_numbers_name_the_program():
    assert EXPECTED["program"].startswith("R 4")
    assert set(EXPECTED) == {"program", *CASES}
