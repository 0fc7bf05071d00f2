"""Several arms: each is reported as the first one is."""

import functools

import pytest

from cpis_analysis.analyses import parametric_bootstrap
from cpis_analysis.analyses.estimators import ols_cr2
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.lmm.refits.bootstrap_interval import bootstrap_interval
from made_up_study import spec, study

pytestmark = pytest.mark.thorough

TEAMS = tuple(f"{trust}/{team}" for trust in "ABCD" for team in ("East/c", "North/i", "South/j"))


@pytest.fixture(scope="module")
def data():
    return study(TEAMS)


@pytest.mark.parametrize(
    ("formula", "changes", "measure"),
    [
        ("y ~ arm * months + (1 | participant_id)",
         {"rows": "long", "effect": "arm:months", "waves": ("0m", "6m"), "months": (0.0, 6.0)}, "difference of slopes"),
        ("y ~ arm * months * gender + (1 | participant_id)",
         {"rows": "long", "effect": "arm:months", "waves": ("0m", "6m"), "months": (0.0, 6.0)}, "difference of slopes"),
        ("y_6m ~ arm * gender + (1 | trust:team)", {}, "mean difference at one level"),
        ("y_6m ~ arm * gender + (1 | trust:team)", {"effect": "arm:gender"}, "interaction"),
    ],
    ids=["slope", "slope held", "held", "interaction"],
)  # fmt: skip
def test_arms_measure_what_the_first_one_does(data, formula, changes, measure):
    found = run_analysis(spec(formula, **changes), data)
    assert [one.contrast.arm for one in found.effects] == ["i", "j"]
    assert {one.measure for one in found.effects} == {measure}


def test_arms_by_another_method_beside_measure_the_same(data, monkeypatch):
    monkeypatch.setattr(parametric_bootstrap, "bootstrap_interval", functools.partial(bootstrap_interval, n=99))
    one = spec("y_6m ~ arm * gender + (1 | trust:team)", df_method="parametric bootstrap")
    found = run_analysis(one, data)
    beside = [other for other in found.contrasts if other.contrast.beside]
    assert [other.contrast.arm for other in beside] == ["i", "j"]
    assert {other.measure for other in beside} == {found.estimate.measure}


def test_arms_leaving_a_cluster_out_fits_the_one_that_is_the_result(data, monkeypatch):
    compared = []

    def counted(spec, rows, around, fit=ols_cr2.fit_cluster_robust):
        compared.append(rows.other_arm)
        return fit(spec, rows, around)

    monkeypatch.setattr(ols_cr2, "fit_cluster_robust", counted)
    found = run_analysis(spec("y_6m ~ arm", "ols_cr2", cluster="team", leave_one_out=True), data)
    assert all(row["estimate"] is not None for row in found.influence)
    assert (compared.count("i"), compared.count("j")) == (1 + len(found.influence), 1)
