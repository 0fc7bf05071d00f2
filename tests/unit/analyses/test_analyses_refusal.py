"""What becomes of an analysis that its estimator refuses: a row with a reason, or the end of the run."""

import json
import math
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.estimate import NOT_ESTIMABLE
from cpis_analysis.analyses.fitting.cross_check import cross_check
from cpis_analysis.analyses.fitting.forecast import forecast
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.multiplicity import adjust_p_values
from cpis_analysis.analyses.refusal import not_estimable
from cpis_analysis.analyses.result_records import result_to_record
from cpis_analysis.analyses.rows.separation import separation_problem
from cpis_analysis.analyses.tipping import tipping_analyses
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.files import write_csv
from cpis_analysis.lmm.designs.design import build_design
from cpis_analysis.plan.schema import Family
from cpis_analysis.plan.specification_records import specs_to_json
from cpis_analysis.runs import fitting
from cpis_analysis.runs.stored_frames import read_estimates
from cpis_analysis.steps import fit_models
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study_words import PEOPLE, StudyWords, plain
from cpis_analysis.workflow.messages import success_message
from made_up_study import read_back, spec, study

pytestmark = pytest.mark.thorough

GEE = {
    "estimator": "gee",
    "outcome_type": "binary",
    "cluster": "team",
    "df_method": "clusters-2",
    "link": "logit",
    "correlation": "exchangeable",
    "correction": "mancl-derouen",
}
ONE = "the odds have no finite estimate (separation): the one person with gender = other had the event"


def with_one_of_a_kind(people, n=1, event=1.0):
    """A binary outcome, and a third gender of n people whose outcomes are alike."""
    gender = people["gender"].astype(str).to_numpy(copy=True)
    gender[:n] = "other"
    y = (people["y_6m"] > people["y_6m"].median()).astype(float).to_numpy(copy=True)
    y[:n] = event
    return people.assign(gender=pd.Categorical(gender), z_6m=y, z_0m=y)


@pytest.fixture(scope="module")
def data():
    made = study(size=14)
    return AnalysisData(with_one_of_a_kind(made.participants), made.interviews)


def gee(formula="z_6m ~ arm + age + gender", **changes):
    return replace(spec(formula, "ols_cr2"), **{**GEE, "name": "z.gee", "outcome": "z", "model": "gee", **changes})


def refusal(one, data, minimum=0):
    with pytest.raises(ModelError) as caught:
        run_analysis(one, data, minimum_cell=minimum)
    return not_estimable(one, data, caught.value, minimum)


@pytest.mark.parametrize(
    ("n", "event", "minimum", "said"),
    [
        (1, 1.0, 0, "the one person with gender = other had the event"),
        (1, 0.0, 0, "the one person with gender = other did not have the event"),
        (9, 1.0, 0, "all of the 9 people with gender = other had the event"),
        (9, 0.0, 5, "none of the 9 people with gender = other had the event"),
        (4, 1.0, 5, "fewer than 5 people have gender = other, too few for odds of their own"),
    ],
)
def test_separation_names_the_level_and_counts_that_may_be_known(data, n, event, minimum, said):
    made = AnalysisData(with_one_of_a_kind(data.participants, n, event), data.interviews)
    reason = plain(refusal(gee(), made, minimum).estimate.reason)
    assert reason == f"the odds have no finite estimate (separation): {said}"


@pytest.mark.parametrize(("lost", "said"), [(0, "the 9 people"), (3, "the people"), (5, "the 4 people")])
def test_separation_does_not_tell_how_few_of_a_level_were_lost(data, lost, said):
    """Nine people recruited, shown beside six analysed, are three lost: a small cell."""
    people = with_one_of_a_kind(data.participants, 9, 0.0)
    people.loc[people.index[:lost], "z_6m"] = np.nan
    reason = plain(refusal(gee(), AnalysisData(people, data.interviews), 5 if lost < 5 else 4).estimate.reason)
    assert reason.endswith(f"none of {said} with gender = other had the event")


def test_forecast_of_odds_says_nothing_that_hangs_on_the_shuffled_events(data):
    """One person of a kind separates whatever happened; two do so by chance only, and have two outcomes here."""
    (problem,) = forecast(gee(), data).refused
    assert str(problem).startswith(
        "the odds had no finite estimate (separation) in any of 5 tries with the outcome "
        "shuffled over the people: few people have gender = other"
    )
    assert "had the event" not in str(problem)
    people = with_one_of_a_kind(data.participants, 2)
    people.loc[people.index[0], "z_6m"] = 0.0
    mixed = AnalysisData(people, data.interviews)
    run_analysis(gee(), mixed)
    names = [f"z.gee{number}" for number in range(4)]
    found = [forecast(gee(name=name), mixed) for name in names]
    assert [one.refused for one in found] == [()] * len(names)
    said = [remark for one in found for remark in one.remarks if "separation" in remark]
    assert said
    assert set(said) == {
        f"The odds may have no finite estimate (separation): few {PEOPLE} have gender = other; whether "
        "they have is known when the outcome is analysed."
    }


def test_separation_in_a_cell_of_an_interaction_names_both_levels(data):
    people = data.participants.copy()
    people["gender"] = pd.Categorical(np.where(people.index % 2, "f", "m"))
    cell = (people["gender"] == "m") & (people["arm"] == "i")
    people.loc[cell, "z_6m"] = 1.0
    found = refusal(gee("z_6m ~ arm * gender"), AnalysisData(people, data.interviews))
    assert f"all of the {cell.sum()} {PEOPLE} with arm = i and gender = m had the event" in found.estimate.reason


def test_separation_by_a_number_names_it_without_the_number_at_which_it_separates(data):
    people = data.participants.assign(z_6m=(data.participants["age"] > 45).astype(float))
    reason = plain(refusal(gee("z_6m ~ arm + age"), AnalysisData(people, data.interviews)).estimate.reason)
    assert "age tells for some people exactly whether the event happened" in reason
    assert "45" not in reason
    assert "46" not in reason


def separated(frame, formula):
    return separation_problem(frame, build_design(formula, frame)) is not None


def test_separation_by_one_factor_or_one_number_matches_brute_force():
    """Oracles: a factor separates if and only if a level's outcomes are alike; a number, if a threshold divides."""
    from cpis_analysis.formula.parse import parse_formula

    rng, seen = np.random.default_rng(5), set()
    for _ in range(60):
        n = int(rng.integers(6, 16))
        frame = pd.DataFrame(
            {
                "y": rng.integers(0, 2, n).astype(float),
                "g": rng.choice(list("abc"), n),
                "x": rng.integers(0, 5, n) * 1e6,
            }
        )
        if frame["y"].nunique() < 2 or frame["g"].nunique() < 2 or frame["x"].nunique() < 2:
            continue
        by_level = frame.groupby("g")["y"].mean().isin([0.0, 1.0]).any()
        assert separated(frame, parse_formula("y ~ g")) == by_level
        zero, one = frame.loc[frame["y"] == 0, "x"], frame.loc[frame["y"] == 1, "x"]
        divided = zero.max() <= one.min() or one.max() <= zero.min()
        assert separated(frame, parse_formula("y ~ x")) == divided
        seen |= {("g", bool(by_level)), ("x", bool(divided))}
    assert len(seen) == 4


def test_refused_result_has_no_number_and_survives_its_file(data):
    found = refusal(gee(), data)
    assert (found.estimate.status, plain(found.estimate.reason)) == (NOT_ESTIMABLE, ONE)
    assert StudyWords("pupil", "pupils")(found.estimate.reason) == ONE.replace("person", "pupil")
    assert not found.estimable
    assert str(found.estimate.contrast) == "i - c"
    assert found.estimate.measure == "risk difference"
    assert plain(found.messages[0]) == f"Not estimable: {ONE}."
    assert "link: identity" in found.messages[1]
    numbers = [value for value in asdict(found.estimate).values() if isinstance(value, (int, float))]
    assert all(math.isnan(value) for value in numbers)
    again = read_back(found)
    assert result_to_record(again) == result_to_record(found)


def test_analysis_of_few_people_does_not_say_how_few(data):
    """Oracle: the engine counts the rows that are too few."""
    people = data.participants.iloc[[0, 15, 28, 43]]
    one = spec("y_6m ~ arm + age + y_0m", "ols_cr2", cluster="trust")
    few = AnalysisData(people, data.interviews)
    assert "4" in refusal(one, few).estimate.reason
    assert plain(refusal(one, few, 5).estimate.reason) == "fewer than 5 people have all variables of the model"


@pytest.mark.parametrize(
    ("one", "measure", "said"),
    [
        (
            spec("y_6m ~ arm + (1 | trust:team)", where=(("gender", ("other",)), ("trust", ("B",))), population="none"),
            "mean difference",
            "nobody is in its population (found 'none')",
        ),
        (
            spec("y_6m ~ arm * age + (1 | team)"),
            "mean difference at one level",
            "labels of team occur in more than one",
        ),
        (spec("y_6m ~ arm + (1 | trust:team)", where=(("trust", ("A",)),)), "mean difference", "this arm has one team"),
        (
            spec("y_6m ~ arm * age", "cluster_summary", effect="arm:age", cluster="team"),
            "interaction",
            "can't hold interactions of arm",
        ),
    ],
)
def test_every_refusal_becomes_a_row_with_its_reason(data, one, measure, said):
    found = refusal(one, data)
    assert said in plain(found.estimate.reason)
    assert one.formula not in found.estimate.reason
    assert found.estimate.measure == measure
    assert not found.estimate.reason.endswith(".")


@pytest.fixture(scope="module")
def results(data):
    good = [
        run_analysis(spec("y_6m ~ arm + (1 | trust:team)"), data),
        run_analysis(
            spec(
                "z_6m ~ arm + (1 | trust:team)",
                outcome_type="binary",
                name="z.risk",
                outcome="z",
                model="risk",
                df_method="between-within",
            ),
            data,
        ),
    ]
    return [*good, refusal(gee(), data)]


def test_estimates_keep_the_row_and_the_family_counts_headlines_only(results, tmp_path):
    families = {"all": Family(outcomes=["y", "z"], method="holm")}
    frame = collect_estimates(results, families, margins={"z": {"risk": (-0.1, 0.1)}})
    assert list(frame["status"]) == ["estimated", "estimated", NOT_ESTIMABLE]
    write_csv(tmp_path / "estimates.csv", frame)
    row = read_estimates(str(tmp_path / "estimates.csv"), ("trust", "team")).iloc[2]
    assert row["reason"] == ONE
    told = {
        "analysis",
        "outcome",
        "model",
        "population",
        "contrast",
        "df_method",
        "formula",
        "measure",
        "estimand",
        "status",
        "reason",
        "scale",
    }
    assert set(row.dropna().index) == told
    headlines = [result.estimate.p_value for result in results[:2]]
    assert frame["p_adjusted"].tolist()[:2] == adjust_p_values(headlines, "holm").tolist()
    assert pd.isna(frame["p_adjusted"][2])
    assert frame["family"][2] is None
    assert tipping_analyses(results, {}) == []


def test_headline_that_is_not_estimable_stops_with_its_name_and_reason(results):
    order = ["y.model", "z.gee", "z.risk"]
    with pytest.raises(ModelError, match="headline") as caught:
        collect_estimates(results, {"all": Family(outcomes=["y", "z"], method="holm")}, order)
    said = str(caught.value)
    assert f"z.gee (z_6m ~ arm + age + gender) is not estimable because {ONE}" in said
    assert "link: identity" in said
    assert "y.model" not in said


def test_fit_step_writes_refusals_and_lets_faults_stop_it(data, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fit_models, "read_data", lambda participants, interviews: data)
    asked = {
        "analyses": json.loads(specs_to_json([gee()])),
        "seed": 1,
        "minimum_cell": dict.fromkeys([gee().model], 5),
        "headlines": [],
    }
    out, stopped, store = (tmp_path / name / f"{gee().model}.json" for name in ("out", "stopped", "store"))

    def step(out, **more):
        fit_models.main(asked | more, "", "", str(store.parent), [str(out)], "1")
        return capsys.readouterr().out

    said = step(out)
    assert "1 to fit" in said
    assert "fewer than 5 people have gender = other" in said
    written = out.read_text(encoding="utf-8")
    assert "one person" not in written
    assert "fewer than 5" in written

    with pytest.raises(ModelError, match="headline") as caught:
        step(stopped, headlines=["z.gee"])
    assert "z.gee (z_6m ~ arm + age + gender) is not estimable because the odds" in str(caught.value)
    assert not stopped.exists()

    def faulty(*arguments):
        raise TypeError("a fault of the program")

    monkeypatch.setattr(fitting, "result_to_leave", faulty)
    assert "0 to fit" in step(out)
    with pytest.raises(TypeError):
        step(stopped, seed=2)
    assert not stopped.exists()


def test_end_of_a_run_names_what_could_not_be_estimated(results, tmp_path):
    estimates, report = tmp_path / "estimates.csv", tmp_path / "findings.html"
    assert success_message(str(report), str(estimates)) == "\nDone."
    write_csv(estimates, collect_estimates(results, {}))
    said = success_message(str(report), str(estimates))
    assert "1 of 3 analyses could not be estimated" in said
    assert f"  z.gee: {ONE}" in said
    write_csv(estimates, collect_estimates(results[:2], {}))
    assert success_message(str(report), str(estimates)) == "\nDone."


def test_cross_check_lists_a_refused_mixed_model_without_refitting_it(data):
    good, bad = (
        spec("y_6m ~ arm + (1 | trust:team)", name=name, where=where)
        for name, where in (("y.good", ()), ("y.bad", (("trust", ("A",)),)))
    )
    kept = [run_analysis(good, data), replace(refusal(bad, data))]
    table = cross_check([good, bad], data, collect_estimates(kept, {})).set_index("analysis")
    assert table.loc["y.bad", "verdict"] == NOT_ESTIMABLE
    assert pd.isna(table.loc["y.bad", "estimate"])
    assert table.loc["y.good", "verdict"] == "agrees"


def test_refusal_without_a_list_of_problems_gives_its_summary(data):
    one = spec("y_6m ~ arm")
    assert not_estimable(one, data, ModelError("No answer.")).estimate.reason == "No answer"
    several = ModelError(
        "x",
        [
            Problem("one", value="a"),
            Problem("two", value=one.formula),
            Problem("one", value="b"),
            Problem("one", value="a"),
        ],
    )
    assert not_estimable(one, data, several).estimate.reason == "one (found 'a and b'); two"
