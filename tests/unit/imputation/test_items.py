"""Imputed items: the score is always what they say, what was answered stays, nothing changes where none is missing."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.errors import ModelError
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.imputation.chained import impute
from cpis_analysis.imputation.incomplete import Incomplete
from cpis_analysis.imputation.mixed_chains import MixedChains
from cpis_analysis.instruments.item_rules import ItemRule
from cpis_analysis.instruments.scale import ScaleRule, score_matrix
from cpis_analysis.study_words import plain
from item_trials import FORMULA, ITEMS, RULES, X, Y, item_score, item_trial, rule_of

pytestmark = pytest.mark.thorough


def completed(frame, seed=7, **settings):
    given = {"m": 12, "random": np.random.default_rng(seed), "auxiliary": ["age"], "scores": RULES} | settings
    return impute(frame, given.pop("formula", FORMULA), **given)


@pytest.mark.parametrize("by", [None, "arm"])
def test_items_complete_the_score_by_its_rule_and_leave_what_was_answered(by):
    frame = item_trial()
    found = completed(frame, by=by)
    for i in (0, 11):
        full = found.frame(i)
        assert full[["y", "x"]].notna().all(axis=None)
        for score, items in (("y", Y), ("x", X)):
            given, filled = frame[list(items)], full[list(items)]
            some = given.notna().any(axis=1)
            assert filled[some].notna().all(axis=None)
            assert filled[some].isin([0.0, 1.0, 2.0, 3.0]).all(axis=None)
            assert filled[~some].isna().all(axis=None)
            assert ((filled == given) | given.isna()).all(axis=None)
            made = score_matrix(filled[some].to_numpy(), rule_of(items).scale)
            assert not made.prorated.any()
            np.testing.assert_array_equal(full.loc[some, score], made.score)
    assert not found.frame(0).equals(found.frame(1))
    lacking = {name: int(frame[list(items)].isna().any(axis=1).sum()) for name, items in (("y", Y), ("x", X))}
    told = {one.variable: one.n_missing for one in found.convergence}
    assert told == lacking if by is None else all(told[name] <= n for name, n in lacking.items())


def test_items_that_everybody_or_nobody_answered_change_no_byte():
    frame = item_trial(items_lost=0.0)
    with_items, without = completed(frame), completed(frame, scores=())
    for i in (0, 11):
        pd.testing.assert_frame_equal(with_items.frame(i), without.frame(i), check_exact=True)
    assert with_items.convergence == without.convergence
    assert not with_items.scored


def test_items_same_seed_same_values_other_seed_others():
    frame = item_trial()
    first, again, other = (completed(frame, seed=s, m=4).frame(3) for s in (7, 7, 8))
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert not first.equals(other)


def test_items_a_frame_s_own_scores_of_people_who_lack_an_item_are_never_used():
    frame = item_trial()
    lacking = frame[list(Y)].isna().any(axis=1) & frame[list(Y)].notna().any(axis=1)
    assert (frame.loc[lacking, "y"] == 99.0).all()
    changed = frame.assign(y=frame["y"].mask(lacking, 3.5))
    pd.testing.assert_frame_equal(completed(frame).frame(5), completed(changed).frame(5), check_exact=True)


def test_items_more_blocks_are_put_behind_the_first():
    frame = item_trial()
    first, more = completed(frame, seed=1, m=3), completed(frame, seed=2, m=2)
    joined = first.joined(more)
    assert joined.m == 5
    pd.testing.assert_frame_equal(joined.frame(2), first.frame(2), check_exact=True)
    pd.testing.assert_frame_equal(joined.frame(4), more.frame(1), check_exact=True)


@pytest.mark.parametrize("made", ["log1p(y)", "y"])
def test_items_scores_on_the_scale_of_the_model_are_those_of_their_items(made):
    frame = item_trial(people_lost=0.0)
    found = completed(frame, formula=parse_formula(f"{made} ~ arm + x + (1 | trust:team)"), m=3)
    assert not found.drawn["y"].size
    full = found.frame(1)
    np.testing.assert_array_equal(full["y"], RULES[0].of(full[list(Y)].to_numpy()))
    assert full["y"].between(0, 3 * ITEMS).all()


def test_items_means_and_conversions_are_computed_as_the_instrument_does():
    frame = item_trial(people_lost=0.0, baselines_lost=0.0)
    table = tuple(np.linspace(7.0, 35.0, 3 * ITEMS + 1) ** 1.1)
    mean, looked_up = rule_of(X, "mean"), ItemRule(rule_of(Y).scale, table)
    scores = [item_score("x", mean), item_score("y", looked_up)]
    whole = {rule.score: frame[list(rule.items)].notna().all(axis=1) for rule in scores}
    for rule in scores:
        values = rule.of(frame[list(rule.items)].fillna(0).to_numpy())
        frame[rule.score] = pd.Series(values).where(whole[rule.score])
    full = completed(frame, scores=scores, m=2).frame(1)
    np.testing.assert_array_equal(full["x"], score_matrix(full[list(X)].to_numpy(), mean.scale).score)
    raw = score_matrix(full[list(Y)].to_numpy(), looked_up.scale).score
    np.testing.assert_array_equal(full["y"], np.array(table)[raw.astype(int)])


def test_items_means_of_clusters_are_those_of_completed_scores():
    frame = item_trial()
    full = completed(frame, formula=parse_formula("y ~ arm + x + mean(x | team) + (1 | team)"), m=2).frame(1)
    means = full.groupby("team", observed=True)["x"].transform("mean")
    np.testing.assert_allclose(full["mean(x | team)"], means, rtol=1e-12)


def test_items_that_all_answered_alike_are_filled_in_alike():
    frame = item_trial()
    frame["y_0"] = frame["y_0"].where(frame["y_0"].isna(), 2.0)
    rule = RULES[0]
    whole = frame[list(Y)].notna().all(axis=1)
    frame["y"] = pd.Series(rule.of(frame[list(Y)].fillna(0).to_numpy())).where(whole)
    full = completed(frame, m=2).frame(0)
    some = frame[list(Y)].notna().any(axis=1)
    assert (full.loc[some, "y_0"] == 2.0).all()


def test_items_finer_answers_are_numbers_and_a_table_needs_few():
    frame = item_trial()
    fine = frame.assign(**{name: 10 * frame[name] + np.arange(len(frame)) % 9 for name in Y})
    scale = ScaleRule(Y, 0, 40, whole=False)
    fine["y"] = pd.Series(score_matrix(fine[list(Y)].to_numpy(), scale).score)
    full = completed(fine, scores=[item_score("y", ItemRule(scale))], formula=parse_formula("y ~ arm + age"), m=2)
    filled = full.frame(0)
    some = fine[list(Y)].notna().any(axis=1)
    np.testing.assert_allclose(filled.loc[some, "y"], filled.loc[some, list(Y)].sum(axis=1), rtol=1e-12)
    table = item_score("y", ItemRule(scale, tuple(map(float, range(241)))))
    with pytest.raises(ModelError, match="needs whole answers of few kinds"):
        completed(fine, scores=[table], formula=parse_formula("y ~ arm + age"), m=2)


def test_items_every_mistake_is_listed():
    frame = item_trial().drop(columns="x_5")
    frame.loc[frame["y_2"].notna().idxmax(), "y_2"] = 7.0
    frame["y_3"] = np.nan
    frame.loc[frame[list(Y)].isna().all(axis=1).idxmax(), "y"] = 4.0
    other = item_score("z", rule_of(Y))
    with pytest.raises(ModelError) as caught:
        completed(frame, scores=[*RULES, other])
    found = {(plain(one.message), one.variable) for one in caught.value.problems}
    assert {
        ("no such column", "x_5"),
        ("no such column", "z"),
        ("a score of items is no variable of the imputation", "z"),
        ("an item stands in two places of the imputation", "y_0"),
        ("item is out of range", "y_2"),
        ("nobody has answered the item", "y_3"),
        ("people have the score and none of its items", "y"),
    } <= found


def test_items_a_rule_that_does_not_make_the_scores_is_refused():
    frame = item_trial()
    wrong = item_score("y", ItemRule(ScaleRule(Y, 0, 3)))
    with pytest.raises(ModelError, match="the score is not what its items make by the rule"):
        completed(frame, scores=[wrong])
    with pytest.raises(ModelError, match="items may make a score that has no logarithm"):
        completed(frame, formula=parse_formula("log(y) ~ arm + x + (1 | team)"))
    with pytest.raises(ModelError, match="can't be imputed on this scale"):
        completed(frame, formula=parse_formula("sqrt(y) ~ arm + x + (1 | team)"))


def test_items_an_arm_in_which_nobody_answered_an_item_is_named_as_such():
    frame = item_trial()
    frame.loc[frame["arm"] == "new", "y_2"] = np.nan
    frame["y"] = frame["y"].where(frame[list(Y)].notna().all(axis=1))
    with pytest.raises(ModelError, match="nobody has answered the item"):
        completed(frame, by="arm")
    assert completed(frame, m=2).frame(0)["y"].notna().all()


def test_chains_with_values_of_their_own_are_those_that_share_them_where_these_are_alike():
    n = 40
    random = np.random.default_rng(1)
    values = np.where(np.arange(n) < 30, random.normal(size=n), np.nan)
    target = Incomplete("y", "continuous", values, np.isnan(values), (), (), np.dtype(float))
    X_ = np.stack([np.ones(n), random.normal(size=n)], axis=1)[None]
    names = ["(Intercept)", "x"]
    shared, own = (MixedChains(target, [], 5, np.random.default_rng(2)) for _ in range(2))
    for _ in range(3):
        one = shared.sweep(X_, names)
        np.testing.assert_array_equal(one, own.sweep(X_, names, np.tile(values[:30], (5, 1))))


def test_items_scores_of_some_answers_are_exact_where_all_are_given_and_missing_where_none_is():
    rule = RULES[0]
    answers = np.array([[0, 1, 2, 3, 1, 0], [3, np.nan, 3, 3, 0, 3], [np.nan] * 6], dtype=float)
    found = rule.of_some(answers)
    assert found[0] == rule.of(answers[:1])[0]
    assert found[1] == pytest.approx(18.0)
    assert np.isnan(found[2])
