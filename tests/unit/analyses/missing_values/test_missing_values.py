"""Imputed and weighted analyses: who is completed, what is pooled, what is said, and that the rest stays as it was."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.fitting.result_to_leave import columns_read
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.leaving.small_populations import NUMBERS_NOT_GIVEN
from cpis_analysis.analyses.missing_values.completing import completed_rows, completion_of, imputed_block
from cpis_analysis.analyses.missing_values.weighting import follow_up_probabilities, weighted_rows
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.errors import DataError, ModelError
from cpis_analysis.plan.specification import ContrastSpec, ImputationSpec
from cpis_analysis.plan.specification_records import spec_from_record, spec_record, specs_from_json, specs_to_json
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study_words import PEOPLE
from made_up_study import read_back, spec, study

pytestmark = pytest.mark.thorough

FORMULA = "y_6m ~ arm + y_0m + age + (1 | trust) + (1 | trust:team)"
TEN = ImputationSpec(auxiliary=("mood_0m",), fewest=10, most=10)


def incomplete(seed=1):
    """A study whose outcome a fifth lacks, some the baseline or the auxiliary variable, and two people everything."""
    data = study(size=9, seed=seed)
    people, random = data.participants, np.random.default_rng(seed)
    people["mood_0m"] = people["y_0m"] + random.normal(0, 2, len(people))
    for name, share in (("y_6m", 0.2), ("y_0m", 0.1), ("mood_0m", 0.1)):
        people.loc[random.random(len(people)) < share, name] = np.nan
    people.loc[[3, 50], ["y_0m", "y_6m", "mood_0m", "age"]] = np.nan
    people["y_change"] = people["y_6m"] - people["y_0m"]
    return data


def imputed(formula=FORMULA, asked=TEN, **more):
    return spec(formula, missing="multiple_imputation", imputation=asked, **more)


@pytest.fixture(scope="module")
def data():
    return incomplete()


@pytest.fixture(scope="module")
def result(data):
    wanted = imputed(contrasts=(ContrastSpec("difference"),))
    return run_analysis(wanted, data, seed=4)


def test_imputed_analysis_holds_everybody_of_whom_something_is_known(data, result):
    people = data.participants
    assert result.estimate.n_participants == len(people) - 2
    assert result.imputation["n_people"] == len(people) - 2
    assert result.imputation["n_without_outcome"] == people["y_6m"].isna().sum() - 2
    assert {row["variable"]: row["n_missing"] for row in result.imputation["variables"]} == {
        name: people[name].isna().sum() - 2 for name in ("y_0m", "mood_0m", "y_6m")
    }
    assert any("2 of whom nothing but arm and clusters is known" in line for line in result.messages)


def test_imputed_analysis_is_rubins_pooling_of_the_completed_analyses(data, result):
    completion = completion_of(result.spec, data)
    block = imputed_block(completion, result.spec, 4, 0, 10)
    fits = [
        run_analysis(completion.spec, replace(data, participants=rows.frame), 4).estimate
        for rows in completed_rows(completion, block, None)
    ]
    mean = np.mean([one.estimate for one in fits])
    within, between = np.mean([one.se**2 for one in fits]), np.var([one.estimate for one in fits], ddof=1)
    assert result.estimate.estimate == pytest.approx(mean, rel=1e-12)
    assert result.estimate.se == pytest.approx(np.sqrt(within + 1.1 * between), rel=1e-12)
    assert result.imputation["complete_df"] == pytest.approx(np.mean([one.df for one in fits]))
    assert result.estimate.df < result.imputation["complete_df"]
    arm = next(row for row in result.coefficients if row["term"] == "arm[i]")
    assert (arm["estimate"], arm["std_error"]) == pytest.approx((result.estimate.estimate, result.estimate.se))
    high, low = (row["estimate"] for row in reversed(result.adjusted_means))
    assert high - low == pytest.approx(result.estimate.estimate)
    assert result.contrasts[0].se == pytest.approx(result.estimate.se)


def test_imputed_analysis_of_complete_data_is_the_analysis():
    whole = study(size=9, seed=2)
    asked = replace(TEN, auxiliary=())
    plain, found = (run_analysis(one, whole, seed=4).estimate for one in (spec(FORMULA), imputed(asked=asked)))
    for name in ("estimate", "se", "df", "p_value", "ci_low", "ci_high"):
        assert getattr(found, name) == pytest.approx(getattr(plain, name), rel=1e-9)


def test_imputed_degrees_of_freedom_are_at_most_those_of_the_people_observed(data, result):
    plain = run_analysis(spec(FORMULA), data, seed=4)
    assert result.imputation["observed_df"] == pytest.approx(plain.estimate.df)
    assert result.estimate.df < min(plain.estimate.df, result.imputation["complete_df"])
    age, alone = (next(row["df"] for row in one.coefficients if row["term"] == "age") for one in (result, plain))
    assert age < alone
    guessed = run_analysis(imputed(asked=replace(TEN, degrees_of_freedom="barnard_rubin")), data, seed=4)
    assert guessed.estimate.estimate == result.estimate.estimate
    assert guessed.estimate.df < 0.8 * result.estimate.df
    assert guessed.imputation["observed_df"] is None
    assert any("Barnard and Rubin" in line for line in guessed.messages)
    assert not any("Barnard and Rubin" in line for line in result.messages)


def test_imputed_degrees_of_freedom_are_guessed_where_nobody_has_everything():
    data = incomplete()
    people = data.participants
    people.loc[people["y_6m"].notna(), "y_0m"] = np.nan
    found = run_analysis(imputed(asked=replace(TEN, auxiliary=("mood_0m",))), data, seed=4)
    assert found.imputation["observed_df"] is None
    assert np.isfinite(found.estimate.df)
    assert any("Barnard and Rubin" in line for line in found.messages)


def test_imputed_analysis_same_seed_same_numbers_and_back_from_its_file(data, result):
    again = run_analysis(result.spec, data, seed=4)
    assert again.estimate == result.estimate
    assert run_analysis(result.spec, data, seed=5).estimate.estimate != result.estimate.estimate
    back = read_back(result)
    assert (back.imputation, back.spec, back.estimate) == (result.imputation, result.spec, result.estimate)


def test_imputed_analysis_adds_imputations_until_the_p_value_is_steady_enough(data):
    loose = run_analysis(imputed(asked=replace(TEN, most=200, p_value_error=0.1)), data, seed=4)
    strict = run_analysis(imputed(asked=replace(TEN, most=60, p_value_error=1e-6)), data, seed=4)
    assert loose.imputation["mc_error_p"] <= 0.1
    assert strict.imputation["m"] == 60
    assert any("more than the plan allows" in line for line in strict.estimate.warnings)


def test_imputed_change_is_computed_from_its_two_ends(data):
    wanted = imputed("y_change ~ arm + age + (1 | trust:team)")
    completion = completion_of(wanted, data)
    block = imputed_block(completion, wanted, 1, 0, 3)
    for rows in completed_rows(completion, block, None):
        whole = rows.frame
        known = whole["participant_id"].isin(data.participants.dropna(subset=["y_change"])["participant_id"])
        before = data.participants.set_index("participant_id")["y_change"]
        np.testing.assert_allclose(whole[known]["y_change"], before[whole[known]["participant_id"]])
        assert whole["y_change"].notna().all()
    ends = completion.frame.assign(**block.frame(2)[["y_6m", "y_0m"]])
    np.testing.assert_allclose(whole["y_change"], ends["y_6m"] - ends["y_0m"])


MEANS = "y_6m ~ arm + within(y_0m | team) + mean(y_0m | team) + mean(arm | trust) + age + (1 | trust:team)"


@pytest.mark.parametrize("covariates_only", [False, True])
def test_imputed_means_of_clusters_are_those_of_the_completed_values(data, covariates_only):
    wanted = imputed(MEANS, replace(TEN, covariates_only=covariates_only))
    completion = completion_of(wanted, data)
    people = data.participants
    left_out = people[people["y_0m"].notna() & ~people["participant_id"].isin(completion.frame["participant_id"])]
    assert bool(len(left_out)) == covariates_only
    imputed_frames = imputed_block(completion, wanted, 1, 0, 3)
    keys = ["trust", "team"]
    for i, rows in enumerate(completed_rows(completion, imputed_frames, None)):
        frame = imputed_frames.frame(i)
        pd.testing.assert_series_equal(rows.frame["mean(y_0m | team)"], frame["mean(y_0m | team)"])
        everybody = pd.concat([frame[[*keys, "y_0m"]], left_out[[*keys, "y_0m"]]]).astype(dict.fromkeys(keys, str))
        expected = everybody.groupby(keys)["y_0m"].mean()
        places = pd.MultiIndex.from_frame(frame[keys].astype(str))
        np.testing.assert_allclose(frame["mean(y_0m | team)"], expected.loc[places], rtol=1e-12)
        parts = frame["within(y_0m | team)"] + frame["mean(y_0m | team)"]
        np.testing.assert_allclose(parts, frame["y_0m"], rtol=1e-12)
    result = run_analysis(wanted, data, seed=1)
    assert {row["term"] for row in result.coefficients} >= {"within(y_0m | team)", "mean(y_0m | team)"}


def test_imputed_analysis_completes_categories_without_an_order(data):
    people = data.participants.copy()
    place = np.array(["city", "town", "village"])[np.arange(len(people)) % 3]
    people["place"] = pd.Categorical(np.where(np.arange(len(people)) % 7 == 2, None, place))
    result = run_analysis(imputed(FORMULA + " + place"), AnalysisData(people, data.interviews), seed=4)
    assert result.estimate.n_participants == len(people)
    lacking = {one["variable"]: one["n_missing"] for one in result.imputation["variables"]}
    assert lacking["place"] == people["place"].isna().sum()
    assert {"place[town]", "place[village]"} <= {row["term"] for row in result.coefficients}


def test_imputed_covariates_only_keeps_people_with_the_outcome(data):
    found = run_analysis(imputed(asked=replace(TEN, covariates_only=True)), data, seed=1)
    assert found.estimate.n_participants == data.participants["y_6m"].notna().sum()
    assert found.imputation["n_without_outcome"] == 0


@pytest.mark.parametrize(
    ("estimator", "formula", "more"),
    [
        ("ols_cr2", "y_6m ~ arm + y_0m", {"cluster": "team"}),
        ("cluster_summary", "y_6m ~ arm + y_0m", {"cluster": "team"}),
        ("gee", "event_6m ~ arm + y_0m", {"cluster": "team", "outcome_type": "binary", "link": "logit",
                                          "correlation": "independence", "correction": "mancl-derouen"}),
        ("mixed", "event_6m ~ arm * y_0m + (1 | trust:team)", {"outcome_type": "binary"}),
    ],
)  # fmt: skip
def test_imputed_analysis_of_every_estimator_and_kind_of_outcome(data, estimator, formula, more):
    people = data.participants
    event = (people["y_6m"] > people["y_6m"].median()).astype(float).mask(people["y_6m"].isna())
    given = replace(data, participants=people.assign(event_6m=event))
    wanted = imputed(formula, replace(TEN, by_arm="*" not in formula, fewest=4, most=4), estimator=estimator, **more)
    found = run_analysis(wanted, given, seed=2)
    plain = run_analysis(replace(wanted, imputation=None, missing="observed"), given)
    assert found.estimate.n_participants > plain.estimate.n_participants
    assert abs(found.estimate.estimate - plain.estimate.estimate) < 1.5 * plain.estimate.se
    assert 0.5 < found.estimate.se / plain.estimate.se < 2


def test_imputed_analysis_says_what_it_assumes_in_columns_on_the_right(data, result):
    plain = run_analysis(spec(FORMULA, name="y.plain", model="plain"), data)
    frame = collect_estimates([result, plain], {})
    first = list(frame.columns).index("missing")
    assert list(frame.columns[first : first + 6]) == [
        "missing", "assumes", "imputations", "missing_information", "mc_error", "mc_error_p"
    ]  # fmt: skip
    first, contrast, last = (row for _, row in frame.iterrows())
    assert (first["missing"], first["imputations"]) == ("multiple_imputation", 10)
    assert "auxiliary variables" in first["assumes"]
    assert "missing values are imputed" in first["estimand"]
    assert pd.isna(contrast["missing"])
    assert last["missing"] == "observed"
    assert pd.isna(last["imputations"])


def test_imputed_analysis_of_a_small_population_tells_no_numbers(data):
    given = replace(data, participants=data.participants.assign(answer=pd.Categorical(["no"] * 3 + ["yes"] * 87)))
    found = run_analysis(
        imputed(asked=replace(TEN, fewest=3, most=3), where=(("answer", ("yes",)),)), given, seed=1, minimum_cell=5
    )
    assert NUMBERS_NOT_GIVEN.format(5) in found.messages
    assert not any("of the population were analysed" in line for line in found.messages)
    assert (found.imputation["n_people"], found.imputation["variables"]) == (None, [])


def test_imputed_analysis_unknown_auxiliary_variable_is_named(data):
    with pytest.raises(DataError, match="moood_0m"):
        run_analysis(imputed(asked=replace(TEN, auxiliary=("moood_0m",))), data)


def test_specification_of_an_imputation_survives_json_and_others_keep_their_text():
    wanted = imputed(estimand="treatment_policy")
    assert spec_from_record(spec_record(wanted)) == wanted
    assert specs_from_json(specs_to_json([wanted])) == [wanted]
    assert not {"missing", "imputation", "predictors", "estimand"} & set(spec_record(spec(FORMULA)))
    assert "mood_0m" in columns_read(wanted, pd.DataFrame(columns=["mood_0m", "other"]))


def weighted(**more):
    return spec("y_6m ~ arm + y_0m", "ols_cr2", cluster="team", missing="inverse_probability",
                predictors=("mood_0m", "gender"), **more)  # fmt: skip


def test_weighted_analysis_is_least_squares_with_these_weights(data):
    found = run_analysis(weighted(), data)
    people = data.participants.dropna(subset=["y_0m", "mood_0m"])
    kept = people["y_6m"].notna().to_numpy()
    chance = follow_up_probabilities(people, kept, ("arm", "mood_0m", "gender"))
    share = pd.Series(kept).groupby(people["arm"].to_numpy(), observed=True).transform("mean").to_numpy()
    weights = (share / chance)[kept]
    X = np.column_stack([np.ones(kept.sum()), people[kept]["arm"] == "i", people[kept]["y_0m"]]).astype(float)
    b = np.linalg.solve(X.T @ (weights[:, None] * X), X.T @ (weights * people[kept]["y_6m"]))
    assert found.estimate.estimate == pytest.approx(b[1], rel=1e-10)
    assert found.estimate.n_participants == kept.sum()
    assert any("weighted" in line for line in found.messages)


def test_weights_of_people_lost_by_chance_alone_change_little_and_separation_stays_finite(data):
    random = np.random.default_rng(2)
    frame = pd.DataFrame({"x": random.normal(0, 1, 400), "arm": random.choice(["a", "b"], 400)})
    kept = random.random(400) < 0.7
    assert np.abs(follow_up_probabilities(frame, kept, ("x", "arm")) - 0.7).max() < 0.2
    told = follow_up_probabilities(frame.assign(z=kept.astype(float)), kept, ("x", "z"))
    assert (told > 0.9)[kept].all()
    assert ((told > 0) & (told < 1)).all()


def test_probabilities_of_follow_up_recover_their_model():
    random = np.random.default_rng(3)
    x = random.normal(0, 1, 20_000)
    true = 1 / (1 + np.exp(-(0.5 + x)))
    found = follow_up_probabilities(pd.DataFrame({"x": x}), random.random(20_000) < true, ("x",))
    assert np.abs(found - true).max() < 0.03


def lacking(data, trusts):
    """The study with nobody of some trusts known by a predictor."""
    people = data.participants.copy()
    people.loc[people["trust"].isin(list(trusts)), "mood_0m"] = np.nan
    return AnalysisData(people, data.interviews)


def test_weighted_rows_are_those_of_the_clusters_that_are_left(data):
    wanted, less = weighted(), lacking(data, ["E"])
    rows = weighted_rows(wanted, less, analysis_rows(wanted, less))
    assert list(rows.frame["trust"].cat.categories) == ["A", "B", "C", "D"]
    assert (rows.allocation.n_trusts, dict(rows.allocation.clusters)) == (4, {"c": 4, "i": 4})
    assert rows.clusters_lost == ("E / North", "E / South")
    assert len(rows.weights) == len(rows.frame)


def test_weighted_analysis_without_a_comparison_left_is_refused(data):
    with pytest.raises(ModelError, match="who lack a predictor of the weights are left out, and the others can't"):
        run_analysis(weighted(), lacking(data, "BCDE"))


def test_weights_say_what_tells_exactly_who_was_kept_and_in_which_arm(data):
    people = data.participants.copy()
    # in one arm alone the women all have the outcome
    people.loc[(people["arm"] == "i") & (people["gender"] == "f"), "y_6m"] = 12.0
    told = AnalysisData(people, data.interviews)
    one, apart = (run_analysis(weighted(predictors_by_arm=choice), told).messages for choice in (False, True))
    assert not any("separation" in line for line in one)
    (said,) = [line for line in apart if "separation" in line]
    assert said.startswith(f"gender tells for some {PEOPLE} of the arm 'i' exactly whether they have the outcome")
    assert said.endswith("leave it out, or merge rare categories.")
    assert any("mood_0m, gender, each arm apart" in line for line in apart)
