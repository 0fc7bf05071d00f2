"""The nearly optimal test as an analysis of the plan: what is reported, what is refused, what stays as it was."""

import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.checked_estimates import check_estimates
from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.equivalence import equivalence_of
from cpis_analysis.analyses.fitting.forecast import forecast
from cpis_analysis.analyses.fitting.quick_look import quick_look
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.result_records import result_to_record
from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import Region, lmer, nearly_optimal
from cpis_analysis.lmm.optimal_test import training as optimal_training
from cpis_analysis.methods.nearly_optimal import NEARLY_OPTIMAL
from cpis_analysis.plan.specification import ContrastSpec, OptimalSpec
from cpis_analysis.plan.specification_records import specs_from_json, specs_to_json
from cpis_analysis.runs.plan_changes import PlanChange, touches
from made_up_study import read_back, spec, study

pytestmark = pytest.mark.thorough

FORMULA = "y_6m ~ arm + y_0m + (1 | trust:team)"
REGION = Region(largest=0.5, typical=0.3)


def asked(formula=FORMULA, low=-1.0, high=1.0, **changes):
    return spec(formula, df_method=NEARLY_OPTIMAL.name, optimal=OptimalSpec(0.5, 0.3, low, high), **changes)


@pytest.fixture(scope="module", autouse=True)
def few_draws():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(optimal_training, "DRAWS", 1500)
        yield


@pytest.fixture(scope="module")
def data():
    return study(size=8, seed=4)


@pytest.fixture(scope="module")
def result(few_draws, data):
    return run_analysis(asked(), data)


@pytest.fixture(scope="module")
def fit(data):
    return lmer(FORMULA, data.participants, reference={"arm": "c"})


def test_optimal_estimate_is_remls_and_inference_the_tests(result, fit):
    e, own = result.estimate, nearly_optimal(fit, "arm[i]", region=REGION)
    plain = fit.summary("z").loc["arm[i]"]
    np.testing.assert_allclose([e.estimate, e.se], [plain["estimate"], plain["std_error"]], rtol=1e-10)
    np.testing.assert_allclose([e.p_value, e.ci_low, e.ci_high], [own.p_value, own.ci_low, own.ci_high], rtol=1e-9)
    assert math.isnan(e.df)
    assert math.isnan(e.statistic)
    assert e.df_method == "nearly optimal"
    assert e.ci_low < e.estimate < e.ci_high
    assert result.optimal[str(e.contrast)]["power"] == pytest.approx(own.power)


def test_optimal_has_kenward_roger_beside_it(result, data):
    plain = run_analysis(spec(FORMULA), data)
    beside = result.contrasts[0]
    assert (str(beside.contrast), beside.df_method) == ("i - c (Kenward-Roger)", "kenward-roger")
    for name in ("estimate", "se", "df", "statistic", "p_value", "ci_low", "ci_high", "measure"):
        assert getattr(beside, name) == getattr(plain.estimate, name)
    assert result.coefficients == plain.coefficients
    assert result.adjusted_means == plain.adjusted_means


def test_optimal_equivalence_is_the_same_test_at_both_margins(result, fit):
    wide = nearly_optimal(fit, "arm[i]", level=0.9, region=REGION)
    at = {null: nearly_optimal(fit, "arm[i]", level=0.9, null=null, region=REGION).p_value for null in (-1.0, 1.0)}
    found = equivalence_of(result, result.estimate, -1.0, 1.0)
    np.testing.assert_allclose([found.ci_low, found.ci_high], [wide.ci_low, wide.ci_high], rtol=1e-9)
    sides = [
        at[-1.0] / 2 if wide.estimate > -1 else 1 - at[-1.0] / 2,
        at[1.0] / 2 if wide.estimate < 1 else 1 - at[1.0] / 2,
    ]
    assert found.p_value == pytest.approx(max(sides))
    assert found.smallest_margin == max(abs(wide.ci_low), abs(wide.ci_high))
    assert math.isnan(equivalence_of(result, result.estimate).p_value)


@pytest.mark.parametrize(("low", "high"), [(-0.05, 0.05), (-9.0, 9.0), (-9.0, 0.6)])
def test_optimal_equivalence_agrees_with_its_interval(data, low, high):
    one = run_analysis(asked(low=low, high=high), data)
    found = equivalence_of(one, one.estimate, low, high)
    assert (found.p_value <= 0.05) == (low < found.ci_low and found.ci_high < high)
    assert (found.p_value < 0.5) == (low < one.estimate.estimate < high)


def test_optimal_without_margins_has_no_equivalence(data):
    one = run_analysis(asked(low=None, high=None), data)
    assert set(one.optimal["i - c"]) == {"power", "bound", "largest_size", "effect_in_sd"}
    row = collect_estimates([one], {}).iloc[0]
    assert row[["tost_ci_low", "tost_p", "smallest_margin"]].isna().all()
    assert row["ci_low"] == one.estimate.ci_low


def test_optimal_contrasts_one_by_one_and_joint_tests_by_kenward_roger(data):
    terms = (ContrastSpec("moderator", moderator="gender"), ContrastSpec("joint", terms=("gender",)))
    formula = "y_6m ~ arm * gender + y_0m + (1 | trust:team)"
    one = run_analysis(asked(formula, low=None, high=None, contrasts=terms), data)
    by = {str(found.contrast): found for found in one.contrasts}
    fit = lmer(formula, data.participants, reference={"arm": "c"})
    own = nearly_optimal(fit, "arm[i]:gender[m]", region=REGION)
    found = by["i - c (gender: m - f)"]
    np.testing.assert_allclose(
        [found.p_value, found.ci_low, found.ci_high], [own.p_value, own.ci_low, own.ci_high], rtol=1e-6
    )
    assert found.df_method == "nearly optimal"
    assert math.isnan(found.df)
    joint = by["joint test of gender"]
    plain = fit.joint_test(["gender"], "kenward-roger").iloc[0]
    assert joint.df_method == "kenward-roger"
    assert joint.p_value == pytest.approx(plain["p_value"])


def test_optimal_names_a_ratio_beyond_its_region(data):
    narrow = replace(asked(low=None, high=None), optimal=OptimalSpec(0.001, 0.02))
    wide = study(size=8, seed=4, team_sd=4.0)
    plain = "y_6m ~ arm + (1 | trust:team)"
    told = run_analysis(replace(narrow, formula=plain), wide).estimate.warnings
    assert sum("between teams to the residual variance was estimated beyond 0.001" in line for line in told) == 1
    assert not any("beyond" in line for line in run_analysis(asked(low=None, high=None), data).estimate.warnings)


MANY = tuple(f"{place:03d}/{team}" for place in range(51) for team in ("North/c", "South/i"))


@pytest.mark.parametrize(
    ("formula", "teams", "why"),
    [
        (
            "y ~ arm * wave + (1 | trust) + (1 | trust:team) + (1 | participant_id)",
            None,
            "more unknown variance ratios",
        ),
        ("y_6m ~ arm + y_0m + (1 + age | trust:team)", None, "random intercepts"),
        (FORMULA, MANY, "at most 100"),
    ],
)
def test_optimal_refuses_and_the_forecast_foresees_it(data, formula, teams, why):
    wanted, found = asked(formula), study(MANY, size=2) if teams else data
    with pytest.raises(ModelError, match=why):
        run_analysis(wanted, found)
    assert any(why in str(problem) for problem in forecast(wanted, found).refused)


def test_optimal_forecast_trains_nothing(data, monkeypatch):
    monkeypatch.setattr("cpis_analysis.lmm.optimal_test.kept.train", None)
    found = forecast(asked(low=None, high=None, level=0.94), data)
    assert found.refused == ()
    assert found.df == 8.0


def test_optimal_result_and_file_agree_after_json(result, tmp_path):
    again = read_back(result)
    assert again.spec == result.spec
    assert again.optimal == result.optimal
    collect_estimates([again], {}, margins={"y": {"points": (-1.0, 1.0)}}).to_csv(tmp_path / "e.csv", index=False)
    frame = pd.read_csv(tmp_path / "e.csv")
    check_estimates(frame, [result], "e.csv")
    assert frame.loc[0, ["df", "statistic"]].isna().all()
    assert frame.loc[0, "df_method"] == "nearly optimal"
    assert frame.loc[0, "tost_p"] == pytest.approx(result.optimal["i - c"]["tost_p"])


def test_optimal_quick_look_asks_for_it_in_mixed_models_alone():
    settings = OptimalSpec(0.5, 0.3)
    looked = quick_look(FORMULA, [spec(FORMULA)], optimal=settings)
    assert (looked.df_method, looked.optimal) == (NEARLY_OPTIMAL.name, settings)
    plain = quick_look("y_6m ~ arm", [spec(FORMULA)], optimal=settings)
    assert (plain.df_method, plain.optimal) == ("satterthwaite", None)


def test_optimal_settings_stand_only_in_specifications_that_use_them(result, data):
    plain = spec(FORMULA)
    assert "optimal" not in specs_to_json([plain])
    assert "optimal" not in result_to_record(run_analysis(plain, data))["spec"]
    assert specs_from_json(specs_to_json([asked()])) == [asked()]
    change = PlanChange(("inference", "largest_ratio"), "changed", 0.5, 0.6)
    record = result_to_record(result)["spec"]
    assert touches(change, record)
    assert not touches(change, {name: value for name, value in record.items() if name != "optimal"})


_ALONE = """
from made_up_study import study
from cpis_analysis.lmm import lmer, nearly_optimal
from cpis_analysis.lmm.optimal_test import training as optimal_training
optimal_training.DRAWS = 6000
fit = lmer("y_6m ~ arm + y_0m + (1 | trust) + (1 | trust:team)", study(size=8, seed=4).participants,
           reference={"arm": "c"})
found = nearly_optimal(fit, "arm[i]")
print(repr((found.p_value, found.ci_low, found.ci_high)))
"""


@pytest.mark.slow
def test_optimal_is_the_same_with_one_thread_and_with_two():
    here = [str(Path(__file__).parent), *sys.path]
    found = {
        subprocess.run(
            [sys.executable, "-c", _ALONE],
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join(here)}
            | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), threads),
        ).stdout
        for threads in ("1", "2")
    }
    assert len(found) == 1
