"""Imputed analyses of a score whose items are imputed: who counts as known, what is told, and what fits depend on."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from chapter_material import labels
from cpis_analysis.analyses.fitting.result_to_leave import columns_read, data_read
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.leaving.small_populations import NUMBERS_NOT_GIVEN
from cpis_analysis.analyses.missing_values.completing import completed_rows, completion_of, imputed_block
from cpis_analysis.chapters.imputation.sentences import imputation_sentences
from cpis_analysis.errors import DataError, ModelError
from cpis_analysis.imputation.item_score import ItemScore
from cpis_analysis.instruments.scale import ScaleRule, score_matrix
from cpis_analysis.methods.handling import handling_of, short_handling
from cpis_analysis.plan.specification import ImputationSpec
from cpis_analysis.plan.specification_records import spec_from_record, spec_record, specs_from_json, specs_to_json
from cpis_analysis.runs.data_digests import DataDigests
from cpis_analysis.runs.fit_store import specification_digest
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.words.wording import Wording
from made_up_study import read_back, spec, study

pytestmark = pytest.mark.thorough

FORMULA = "y_6m ~ arm + y_0m + age + (1 | trust) + (1 | trust:team)"
K = 5
ITEMS = {wave: tuple(f"y_item_{k}_{wave}" for k in range(1, K + 1)) for wave in ("0m", "6m")}
RULE = ScaleRule(tuple("abcde"), 0, 3, reverse=("b",), max_missing=2)
SCORES = tuple(
    ItemScore(f"y_{wave}", items, (0.0,) * K, (3.0,) * K, (1.0, -1.0, 1.0, 1.0, 1.0), 3.0)
    for wave, items in ITEMS.items()
)
TEN = ImputationSpec(fewest=10, most=10, scores=SCORES)


def answered(items_lost=0.08, people_lost=0.15, seed=2):
    """A study whose outcome is the prorated score of five items, with the items as the analysis data have them."""
    data, random = study(size=9, seed=seed), np.random.default_rng(seed)
    people = data.participants
    for wave, items in ITEMS.items():
        of = (people[f"y_{wave}"] - people[f"y_{wave}"].mean()) / people[f"y_{wave}"].std()
        noise = random.normal(size=(len(people), K))
        answers = np.digitize(of.to_numpy()[:, None] + 0.7 * noise, [-0.8, 0.0, 0.8]).astype(float)
        answers[:, 1] = 3 - answers[:, 1]
        answers[random.random(answers.shape) < items_lost] = np.nan
        answers[random.random(len(people)) < (people_lost if wave == "6m" else 0.05)] = np.nan
        people[list(items)] = answers
        people[f"y_{wave}"] = score_matrix(answers, RULE).score
    # nothing but arm and clusters, and nothing but a part of the items
    everything = ["y_0m", "y_6m", "age", *ITEMS["0m"], *ITEMS["6m"]]
    people.loc[[3, 50], everything] = np.nan
    people.loc[50, ITEMS["6m"][0]] = 2.0
    people["y_change"] = people["y_6m"] - people["y_0m"]
    return data


def imputed(formula=FORMULA, asked=TEN, **more):
    return spec(formula, missing="multiple_imputation", imputation=asked, **more)


@pytest.fixture(scope="module")
def data():
    return answered()


@pytest.fixture(scope="module")
def result(data):
    return run_analysis(imputed(), data, seed=4)


def test_completed_scores_are_those_of_completed_items_and_answers_stay(data):
    wanted = imputed()
    completion = completion_of(wanted, data)
    people = data.participants.set_index("participant_id")
    for rows in completed_rows(completion, imputed_block(completion, wanted, 1, 0, 3), None):
        assert len(rows.frame) == len(people) - 1
    frame = imputed_block(completion, wanted, 1, 0, 3).frame(2).set_index("participant_id")
    for wave, items in ITEMS.items():
        given, filled = people.loc[frame.index, list(items)], frame[list(items)]
        some = given.notna().any(axis=1)
        assert ((filled == given) | given.isna()).all(axis=None)
        made = score_matrix(filled[some].to_numpy(), RULE)
        assert not made.items_missing.any()
        np.testing.assert_array_equal(frame.loc[some, f"y_{wave}"], made.score)


def test_a_part_of_the_items_is_something_known_and_no_outcome_lost(data, result):
    people, account = data.participants, result.imputation
    none = people[list(ITEMS["6m"])].isna().all(axis=1)
    assert account["n_left_out"] == 1
    assert account["n_people"] == len(people) - 1
    assert account["n_without_outcome"] == int(none.sum()) - 1
    lacking = {one["variable"]: one["n_missing"] for one in account["variables"]}
    for wave, items in ITEMS.items():
        cells = people[list(items)].isna().to_numpy()
        partly = cells.any(axis=1) & ~cells.all(axis=1)
        (told,) = (one for one in account["items"] if one["variable"] == f"y_{wave}")
        assert (told["n_people"], told["n_answers"]) == (int(partly.sum()), int(cells[partly].sum()))
        assert lacking[f"y_{wave}"] == int(cells.any(axis=1).sum()) - 1
    filled = account["items"][1]
    assert f"y_6m {filled['n_answers']} of {filled['n_people']} people" in result.messages[1]


def test_items_that_nobody_lacks_leave_the_result_as_it_is_to_the_last_digit():
    whole = answered(items_lost=0.0)
    whole.participants.loc[50, ITEMS["6m"][0]] = np.nan
    with_items = run_analysis(imputed(), whole, seed=4)
    without = run_analysis(imputed(asked=replace(TEN, scores=())), whole, seed=4)
    assert replace(with_items.estimate, warnings=()) == replace(without.estimate, warnings=())
    assert with_items.imputation["variables"] == without.imputation["variables"]
    assert [one["n_people"] for one in with_items.imputation["items"]] == [0, 0]
    assert with_items.messages[1].endswith("none.")


def test_prorating_says_nothing_where_items_are_imputed(data, result):
    """Other scores of those who lack an item give the same result; so do the same people in another order."""
    people = data.participants.copy()
    for wave, items in ITEMS.items():
        lacking = people[list(items)].isna().any(axis=1)
        people[f"y_{wave}"] = people[f"y_{wave}"].mask(lacking, 7.7 if wave == "0m" else np.nan)
    people.loc[people[list(ITEMS["0m"])].isna().all(axis=1), "y_0m"] = np.nan
    changed = run_analysis(imputed(), AnalysisData(people, data.interviews), seed=4)
    assert changed.estimate == result.estimate
    order = np.random.default_rng(1).permutation(len(people))
    moved = run_analysis(imputed(), AnalysisData(people.iloc[order], data.interviews), seed=4)
    assert moved.estimate.estimate == pytest.approx(result.estimate.estimate, rel=1e-10)
    assert moved.estimate.p_value == pytest.approx(result.estimate.p_value, rel=1e-8)
    assert moved.imputation["variables"] == result.imputation["variables"]


def test_change_and_covariates_only_go_with_imputed_items(data):
    change = run_analysis(imputed("y_change ~ arm + (1 | trust:team)"), data, seed=4)
    assert {one["variable"] for one in change.imputation["variables"]} == {"y_0m", "y_6m"}
    some = run_analysis(imputed(asked=replace(TEN, covariates_only=True)), data, seed=4)
    assert some.imputation["n_without_outcome"] == 0
    assert some.imputation["n_people"] == int(data.participants[list(ITEMS["6m"])].notna().any(axis=1).sum())
    apart = run_analysis(imputed(asked=replace(TEN, by_arm=True)), data, seed=4)
    together = run_analysis(imputed(), data, seed=4)
    assert apart.imputation["items"] == together.imputation["items"]
    assert apart.estimate.estimate != together.estimate.estimate


def test_few_people_with_missing_items_are_not_counted(data, result):
    least = max(one["n_people"] for one in result.imputation["items"]) + 1
    few = run_analysis(imputed(), data, seed=4, minimum_cell=least)
    assert [(one["n_people"], one["n_answers"]) for one in few.imputation["items"]] == [(None, None)] * 2
    assert f"y_6m of fewer than {least} people" in few.messages[1]
    assert few.estimate.estimate == result.estimate.estimate


def test_items_of_a_small_population_tell_no_numbers(data):
    n = len(data.participants)
    given = replace(data, participants=data.participants.assign(answer=pd.Categorical(["no"] * 3 + ["yes"] * (n - 3))))
    asked = replace(TEN, fewest=3, most=3)
    found = run_analysis(imputed(asked=asked, where=(("answer", ("yes",)),)), given, seed=1, minimum_cell=5)
    assert NUMBERS_NOT_GIVEN.format(5) in found.messages
    assert (found.imputation["n_people"], found.imputation["items"]) == (None, [])
    assert not any("filled in" in line for line in found.messages)


def test_results_of_items_come_back_from_their_file_and_say_in_words_what_was_imputed(result):
    assert read_back(result).imputation == result.imputation
    assert "the sum of the other items" in handling_of(result.spec).assumes(result.spec)
    assert short_handling(result.spec) == "multiple imputation, items too"
    plain = imputed(asked=replace(TEN, scores=()))
    assert "items" not in handling_of(plain).assumes(plain)


def test_page_says_how_many_answers_of_how_many_people_were_filled_in(result):
    (told,) = (one | {"variable": "rguk_6m"} for one in result.imputation["items"][1:])
    names = {"outcome": "rguk", "model": "ancova"}
    named = replace(result, spec=replace(result.spec, **names), estimate=replace(result.estimate, **names))

    def said(**changes):
        account = result.imputation | {"items": [told | changes], "smallest": 5}
        return " ".join(imputation_sentences([replace(named, imputation=account)], Wording(labels()))[0])

    assert f"Single answers were filled in, {told['n_answers']} of {told['n_people']} people in " in said()
    assert "filled in, of fewer than 5 people in " in said(n_people=None, n_answers=None)
    assert "filled in" not in said(n_people=0, n_answers=0)


def test_fits_depend_on_the_rule_and_the_answers_and_on_nothing_else(data):
    wanted = imputed()
    assert spec_from_record(spec_record(wanted)) == wanted
    assert specs_from_json(specs_to_json([wanted])) == [wanted]
    assert "scores" not in spec_record(imputed(asked=replace(TEN, scores=())))["imputation"]
    turned = replace(SCORES[0], weights=(1.0,) * K, constant=0.0)
    other = imputed(asked=replace(TEN, scores=(turned, SCORES[1])))
    assert specification_digest(other, 1, 5) != specification_digest(wanted, 1, 5)
    read = columns_read(wanted, data.participants)
    assert {*ITEMS["0m"], *ITEMS["6m"]} <= set(read)
    plain = imputed(asked=replace(TEN, scores=()))
    assert not {*ITEMS["0m"], *ITEMS["6m"]} & set(columns_read(plain, data.participants))
    before = DataDigests(data)
    people = data.participants.copy()
    answer = people[ITEMS["6m"][2]].first_valid_index()
    people.loc[answer, ITEMS["6m"][2]] = (people.loc[answer, ITEMS["6m"][2]] + 1) % 4
    after = DataDigests(AnalysisData(people, data.interviews))
    assert before.of(wanted) != after.of(wanted)
    assert before.of(plain) == after.of(plain)
    added = DataDigests(AnalysisData(data.participants.assign(z_6m=1.0), data.interviews))
    assert before.of(wanted) == added.of(wanted)
    assert set(data_read(wanted, data).participants) == set(read)


def test_items_that_the_data_lack_or_that_do_not_make_the_score_are_named(data):
    people = data.participants.drop(columns=[ITEMS["6m"][0], ITEMS["0m"][3]])
    with pytest.raises(DataError) as caught:
        run_analysis(imputed(), AnalysisData(people, data.interviews))
    named = " ".join(str(one) for one in caught.value.problems)
    assert ITEMS["6m"][0] in named
    assert ITEMS["0m"][3] in named
    wrong = data.participants.copy()
    whole = wrong[list(ITEMS["6m"])].notna().all(axis=1)
    wrong.loc[whole, "y_6m"] += 1.0
    wrong.loc[whole.idxmax(), ITEMS["6m"][4]] = 9.0
    with pytest.raises(ModelError, match="item is out of range"):
        run_analysis(imputed(), AnalysisData(wrong, data.interviews))
