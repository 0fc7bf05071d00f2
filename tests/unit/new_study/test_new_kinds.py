"""Kinds of outcomes: what names, labels and values tell of them, and what can be said instead."""

import pandas as pd
import pyreadstat
import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.new_study.asking import NobodyAsked
from cpis_analysis.new_study.propose_kinds import in_order, other_kinds, propose_kind
from cpis_analysis.new_study.raw_files import Column, read_raw
from cpis_analysis.new_study.settle import settle
from cpis_analysis.new_study.settled import Told
from cpis_analysis.new_study.write_study import write_study
from cpis_analysis.study.checks.plan_check import load_and_check
from cpis_analysis.study.checks.raw_check import check_raw
from new_studies import FALLS, settled, write_csv

AGREE = {"1": "Strongly agree", "2": "Agree", "3": "Neither", "4": "Disagree"}
REGION = {"1": "North", "2": "South", "3": "East"}
SKEWED = ("0", "0", "0", "0", "1", "1", "2", "5", "12")


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (Column("mood", ("Worse", "same ", "better", "better")), "ordinal"),
        (Column("pain", ("none", "Mild", "severe"), value_labels={}), "ordinal"),
        (Column("view", ("1", "2", "3", "4"), value_labels=AGREE), "ordinal"),
        (Column("nyha", ("1", "2", "3", "4")), "ordinal"),
        (Column("region", ("1", "2", "3"), value_labels=REGION), ""),
        (Column("colour", ("red", "green", "blue")), ""),
        (Column("n_falls", SKEWED), "count"),
        (Column("q7", SKEWED, label="Number of admissions"), "count"),
        (Column("points", SKEWED), "continuous"),
        (Column("n_falls", ("-1", *SKEWED)), "continuous"),
        (Column("n_falls", ("0", "5", "6", "6", "7", "7")), "continuous"),
        (Column("cured", ("0", "1", "1")), "binary"),
    ],
)
def test_kind_of_an_outcome_by_names_labels_and_values(column, kind):
    assert propose_kind(column).value == kind


def test_answers_stand_in_the_order_of_their_words_and_not_of_their_codes():
    assert in_order(Column("view", ("1", "2", "3", "4"), value_labels=AGREE)) == ("4", "3", "2", "1")
    assert in_order(Column("grade", ("3", "1", "2"))) == ("1", "2", "3")
    assert in_order(Column("colour", ("red", "green", "blue"))) == ()


def test_what_else_a_column_could_be():
    assert other_kinds(Column("points", SKEWED), "continuous") == ["ordinal", "count"]
    assert other_kinds(Column("n_falls", SKEWED), "count") == ["ordinal", "continuous"]
    assert other_kinds(Column("arrest", ("0", "0", "1")), "time_to_event") == []
    assert other_kinds(Column("kg", ("61.5", "70.2", "80.1")), "continuous") == []


@pytest.fixture(scope="module")
def falls(tmp_path_factory):
    folder = tmp_path_factory.mktemp("falls")
    study = settled(folder, FALLS, outcomes=("mood", "n_falls", "died"), lower_is_better=("n_falls",))
    write_study(study, folder / "study")
    return study, folder / "study"


def test_answers_in_order_counts_and_times_are_proposed_with_what_they_need(falls):
    mood, fell, died = falls[0].outcomes
    assert (mood.kind, mood.categories) == ("ordinal", ("Worse", "same", "better", "Much better"))
    assert (fell.kind, fell.beside.key, fell.beside.title) == ("count", "exposure", "observed")
    assert (died.kind, died.event, died.beside.key, died.beside.title) == ("time_to_event", "1", "time", "days")
    assert falls[0].characteristics == ("age",)


def test_plan_says_why_and_what_else_it_could_be_and_fits_its_data(falls):
    _, folder = falls
    plan, dictionary = load_and_check(folder / "config.yaml")
    found = check_raw(plan, dictionary)
    assert (found.problems, found.remarks) == ((), ())
    assert {spec.name for spec in plan.specifications()} == {
        "mood_order.scores",
        "mood_order.common_odds",
        "n_falls.cluster_rates",
        "n_falls.rates",
        "died_event.hazards",
    }
    assert list(dictionary["mood"].choices) == ["Worse", "same", "better", "Much better"]
    text = " ".join((folder / "config.yaml").read_text(encoding="utf-8").replace("#", " ").split())
    assert "type: ordinal, because its 4 answers are words of a scale" in text
    assert "If it is something else: --outcome n_falls:ordinal, or --outcome n_falls:continuous" in text
    assert "long tail; observed is called like that in which it was counted" in text
    assert "its name tells of an event, and days is called like the time until it" in text


def test_kinds_are_those_that_were_said(tmp_path):
    kinds = {"n_falls": "continuous", "died": "binary", "mood": "ordinal"}
    orders = {"mood": ("much better", "Better", "same")}
    study = settled(tmp_path, FALLS, outcomes=("n_falls", "died", "mood"), kinds=kinds, orders=orders)
    assert [one.kind for one in study.outcomes] == ["continuous", "binary", "ordinal"]
    assert [one.beside for one in study.outcomes] == [None, None, None]
    assert study.outcomes[2].categories == ("Much better", "better", "same")
    assert study.outcomes[2].not_given == ("Worse",)
    assert any("in no order count as missing: Worse" in remark for remark in study.remarks)


def test_what_was_said_of_a_time_or_an_order_tells_the_kind(tmp_path):
    text = FALLS.replace(",days", ",watched").replace("mood", "colour").replace("usual care", "none")
    told = {"outcomes": ("died", "colour"), "times": {"died": "watched"}, "orders": {"colour": ("same", "better")}}
    study = settled(tmp_path, text, **told)
    assert [one.kind for one in study.outcomes] == ["time_to_event", "ordinal"]


KINDS = {
    "three events": ({"age": "binary"}, {}, "an event is one of two values; it has 20"),
    "no count": ({"mood": "count"}, {}, "counts are whole numbers from 0"),
    "an answer that is not there": ({}, {"orders": {"mood": ("bad", "good")}}, "no such value.*allowed: Much better"),
    "an event without its time": ({"arm2": "time_to_event"}, {}, "name it: --time arm2=COLUMN"),
    "a kind of nothing": ({"mod": "ordinal"}, {}, "named with --outcome.*did you mean 'mood'"),
    "an order that nothing tells": ({"practice": "ordinal"}, {"clusters": ()}, "answers in order have two to twelve"),
}


@pytest.mark.parametrize("case", KINDS)
def test_kinds_that_can_not_be_are_refused_with_what_to_say(tmp_path, case):
    kinds, more, wanted = KINDS[case]
    named = tuple(name for name in kinds if name != "mod") or ("mood",)
    text = FALLS.replace("died,days", "arm2,kg")
    with pytest.raises(DataError, match=f"(?s){wanted}"):
        settled(tmp_path, text, **{"outcomes": named, "kinds": kinds, **more})


def test_without_clusters_and_with_a_wave_before_models_are_those_of_people(tmp_path):
    rows = [f"{at},{at % 2},{at * at % 7},{at * 5 % 9 // 2 * (at % 3)}" for at in range(60)]
    study = settled(tmp_path, "\n".join(["id,arm,polyps.pre,polyps.6m", *rows, ""]))
    assert [(one.title, one.kind) for one in study.outcomes] == [("polyps", "count")]
    write_study(study, tmp_path / "study")
    plan, _ = load_and_check(tmp_path / "study/config.yaml")
    counts, rates = plan.specifications()
    assert counts.formula == "polyps_6m ~ arm + polyps_pre"
    assert rates.formula == "polyps_6m ~ arm + log1p(polyps_pre) + (1 | id)"


def test_labelled_answers_and_who_was_censored_are_read_from_an_spss_file(tmp_path):
    frame = pd.DataFrame(
        {
            "id": range(80),
            "arm": [at % 2 for at in range(80)],
            "view": [1 + at * 3 % 4 for at in range(80)],
            "cens": [at % 3 == 0 for at in range(80)],
            "weeks": [1 + at * 7 % 52 for at in range(80)],
        }
    ).astype(float)
    path = tmp_path / "trial.sav"
    labels = {"view": {float(code): label for code, label in AGREE.items()}, "cens": {0.0: "no", 1.0: "yes"}}
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    study = settle([read_raw(path)], Told(outcomes=("view", "cens")), NobodyAsked(), "A trial")
    view, cens = study.outcomes
    assert (view.kind, view.categories) == ("ordinal", ("4", "3", "2", "1"))
    assert (cens.kind, cens.event) == ("time_to_event", "0")
    assert "says who was censored" in cens.reason
    write_study(study, tmp_path / "study")
    plan, dictionary = load_and_check(tmp_path / "study/config.yaml")
    assert check_raw(plan, dictionary).problems == ()
    assert [spec.name for spec in plan.specifications()] == ["view_order.scores", "cens_event.hazards"]


class Somebody(NobodyAsked):
    """Answers what a test wants of some questions, and takes the proposal of others."""

    answers = True

    def one(self, question, proposed, reason, allowed, empty=""):
        return "continuous" if question == "What is n_falls?" else proposed

    def several(self, question, proposed, reason, allowed):
        return tuple(reversed(proposed)) if "order" in question else tuple(proposed)


def test_who_is_asked_may_say_another_kind_and_another_order(tmp_path):
    raw = read_raw(write_csv(tmp_path, FALLS))
    study = settle([raw], Told(outcomes=("n_falls", "mood")), Somebody(), "A trial")
    fell, mood = study.outcomes
    assert (fell.kind, fell.beside) == ("continuous", None)
    assert mood.categories == ("Much better", "better", "same", "Worse")
