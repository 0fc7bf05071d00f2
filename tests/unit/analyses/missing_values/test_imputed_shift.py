"""Delta-adjusted imputation against its own definition: complete, shift, analyse each, pool."""

from dataclasses import replace

import numpy as np
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.missing_shift import completed_people
from cpis_analysis.analyses.missing_values import imputed_shift
from cpis_analysis.analyses.missing_values.completing import with_clusters
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.analyses.tipping import find_tipping
from cpis_analysis.imputation.chained import impute
from cpis_analysis.imputation.rubin import pool
from cpis_analysis.lmm import cluster_robust, lmer, ols
from cpis_analysis.plan.specification_records import specs_from_json, specs_to_json
from cpis_analysis.seeds import generator
from made_up_study import read_back, spec, study

pytestmark = pytest.mark.thorough

FEW, SEED = 8, 11
MIXED = spec("y_6m ~ arm + y_0m + (1 | trust) + (1 | trust:team)", tipping_point=True, shifts=(-4.0, 0.0, 4.0))
LEAST = spec("y_6m ~ arm + y_0m", "ols_cr2", cluster="trust", tipping_point=True, shifts=(-4.0, 0.0, 4.0))


@pytest.fixture(scope="module")
def data():
    found = study(size=10, seed=2, effect=3.0)
    people, random = found.participants, np.random.default_rng(3)
    people.loc[random.random(len(people)) < 0.3, "y_6m"] = np.nan
    return found


@pytest.fixture(scope="module", params=[MIXED, LEAST], ids=["mixed", "cr2"])
def result(request, data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imputed_shift, "IMPUTATIONS", FEW)
        return run_analysis(request.param, data, SEED)


def by_hand(result, data, reference, other):
    """Complete, shift, analyse each, pool."""
    wanted = result.spec
    rows = analysis_rows(wanted, data)
    fit = (lmer if rows.formula.random_terms else ols)(rows.formula, rows.frame, reference={"arm": "c"})
    people = completed_people(wanted, rows, fit)
    frame = people.everyone.assign(y_6m=people.everyone["y_6m"].mask(people.absent))
    imputed = impute(frame, with_clusters(wanted, rows.formula), m=FEW, random=generator(SEED, "tipping", wanted.name),
                     reference={"arm": "c"})  # fmt: skip
    rows_of = []
    for i in range(FEW):
        full = imputed.frame(i)
        full["y_6m"] += people.shifts(wanted, "i") @ np.array([reference, other])
        if rows.formula.random_terms:
            rows_of.append(lmer(rows.formula, full, reference={"arm": "c"}).summary("kenward-roger").loc["arm[i]"])
        else:
            one = ols(rows.formula, full, reference={"arm": "c"})
            rows_of.append(cluster_robust(one, "trust", data=full).summary().loc["arm[i]"])
    return pool(
        *(np.array([row[name] for row in rows_of]) for name in ("estimate", "std_error", "df")),
        observed_df=result.estimate.df,
    )


@pytest.mark.parametrize("shifts", [(0.0, 0.0), (-4.0, 4.0), (4.0, 0.0)])
def test_imputed_shift_is_completing_shifting_analysing_and_pooling(result, data, shifts):
    one = find_tipping(result, (-4.0, 0.0, 4.0)).imputed_at("grid", *shifts)
    expected = by_hand(result, data, *shifts)
    for name in ("estimate", "se", "df", "p_value", "ci_low", "ci_high"):
        assert getattr(one, name) == pytest.approx(getattr(expected, name), rel=2e-6, abs=1e-8), name


def test_imputed_shift_widens_the_interval_and_moves_the_estimate_as_solved(result):
    found = find_tipping(result, (-4.0, 0.0, 4.0))
    middle, moved = found.imputed_at("grid", 0.0, 0.0), found.imputed_at("grid", -4.0, 4.0)
    if result.spec.estimator == "mixed":
        # with clusters by trust losses that are alike in all trusts widen nothing
        assert moved.se > 1.1 * middle.se
    solved = {(one.delta_reference, one.delta_other): one for one in found.grid}
    assert moved.estimate - middle.estimate == pytest.approx(
        solved[-4.0, 4.0].estimate - solved[0.0, 0.0].estimate, rel=0.1
    )
    assert all(one.se == result.estimate.se for one in found.grid)


def test_imputed_points_are_where_the_limit_is_at_its_threshold(result, data):
    found = find_tipping(result)
    points = [one for one in found.imputed if one.bound]
    assert points
    one = points[0]
    again = by_hand(result, data, one.delta_reference, one.delta_other)
    assert getattr(again, one.bound) == pytest.approx(0.0, abs=0.02)
    assert getattr(one, one.bound) == one.threshold == 0.0


def test_copy_reference_draws_the_effect_out_of_those_without_the_outcome(result):
    found = find_tipping(result)
    copy, jump = found.like_reference()
    assert (copy.scenario, jump.scenario) == ("copy_reference", "jump_to_reference")
    middle = found.imputed_at("grid", 0.0, 0.0) or found.unshifted
    share = found.shift.n_completed_other / (found.shift.n_completed_other + found.shift.n_observed_other)
    assert copy.estimate == pytest.approx((1 - share) * middle.estimate, rel=0.15)
    assert copy.delta_other == pytest.approx(-middle.estimate, rel=0.25)


def test_imputed_shifts_come_back_from_their_file_and_the_same_again(result, data):
    assert read_back(result).shifted == result.shifted
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imputed_shift, "IMPUTATIONS", FEW)
        assert run_analysis(result.spec, data, SEED).shifted == result.shifted


def test_shifts_are_settings_of_analyses_with_a_tipping_point():
    wanted = replace(MIXED, important=3.0)
    assert specs_from_json(specs_to_json([wanted])) == [wanted]


def test_of_many_people_fewer_shifts_are_analysed_at_once_with_the_same_results(data, monkeypatch):
    monkeypatch.setattr(imputed_shift, "IMPUTATIONS", FEW)
    sizes, refit = [], imputed_shift.refit
    monkeypatch.setattr(imputed_shift, "refit", lambda fit, Y, **how: sizes.append(Y.shape[1]) or refit(fit, Y, **how))
    whole = run_analysis(MIXED, data, SEED).shifted
    most = max(sizes)
    people = len(data.participants)
    sizes.clear()
    monkeypatch.setattr(imputed_shift, "_OUTCOMES", 5 * FEW * people)
    parts = run_analysis(MIXED, data, SEED).shifted
    assert most > 5 * FEW >= max(sizes)
    for one, other in zip(whole["rows"], parts["rows"], strict=True):
        assert one.keys() == other.keys()
        assert all(other[name] == (pytest.approx(one[name], rel=1e-9) if isinstance(one[name], float) else one[name])
                   for name in one)  # fmt: skip
