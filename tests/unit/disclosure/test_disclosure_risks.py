"""Binary outcomes and answers: what is hidden, and how risks and differences are set, drawn and told."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from chapter_material import PLAN, Words, estimates, labels, people, results
from cpis_analysis.analyses.proportions import answer_differences
from cpis_analysis.chapters.experience.answers import differences_of, one_of_each_pair
from cpis_analysis.chapters.experience.figure import draw_experience, drawn_differences
from cpis_analysis.chapters.experience.sentences import experience_interval_sentences
from cpis_analysis.chapters.experience.table import experience_table
from cpis_analysis.chapters.outcomes.figure_risks import draw_risk_differences
from cpis_analysis.chapters.outcomes.figure_teams import draw_risks, enough_risks
from cpis_analysis.chapters.outcomes.table import outcomes_table
from cpis_analysis.chapters.result.sentences import difference_sentence, interval_sentence
from cpis_analysis.disclosure.protect import protect_summaries
from cpis_analysis.disclosure.question_counts import Asked
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.study.describe import summaries
from cpis_analysis.words.wording import Wording

pytestmark = pytest.mark.thorough

HELPED = {
    "label": "Help received",
    "role": "secondary",
    "type": "binary",
    "variable": "support",
    "event": ["yes"],
    "models": ["post"],
}
CONTENT = PlanFile.model_validate(PLAN | {"outcomes": PLAN["outcomes"] | {"helped": HELPED}})
ANSWERS = {"helped": ("support", ["yes"])}
WAVES = ("0m", "6m")


def study(events=None, seed=1):
    """People with the binary outcome `helped`, made of `support`; `events` says of whom it is yes."""
    frame = people(seed)
    if events is not None:
        frame["support_6m"] = pd.Categorical(
            np.where(frame["has_6m"], np.where(events(frame), "yes", "no"), None), categories=["yes", "no"]
        )
    answers = frame["support_6m"].astype(object)
    return frame.assign(helped_6m=(answers == "yes").where(answers.notna()).astype(float))


@cache
def usual(panels=()):
    """The study as it comes, after disclosure control."""
    return described(study(), panels)


@cache
def rare():
    return described(study(few))


def described(frame, panels=(), minimum=5):
    made = summaries(CONTENT, frame, binary=ANSWERS)
    made["differences"] = answer_differences(frame, ["support", "change"], "arm", "comparison", "6m", ("trust", "team"))
    return protect_summaries(made, minimum, Asked(panels), WAVES, ANSWERS)[0]


def risks(found):
    return found["outcomes"][found["outcomes"]["outcome"] == "helped"].set_index("arm")


def few(frame):
    """Two events in the comparison arm, many in the other."""
    return np.where(frame["arm"] == "comparison", frame.index.isin([2, 33]), frame.index % 2 == 0)


def results_of_helped(estimate=0.04, low=-0.22, high=0.3):
    one = next(result for result in results(CONTENT) if result.spec.outcome == "helped")
    made = replace(
        one,
        spec=replace(one.spec, outcome_type="binary"),
        standardised=dict.fromkeys(one.standardised),
        estimate=replace(
            one.estimate, estimate=estimate, ci_low=low, ci_high=high, se=0.1, df=4.0, measure="risk difference"
        ),
        adjusted_means=[
            {"arm": arm, "wave": None, "estimate": risk, "std_error": 0.05, "df": 8.0, "ci_low": 0.3, "ci_high": 0.6}
            for arm, risk in (("comparison", 0.447), ("implementation", 0.488))
        ],
    )
    others = [result for result in results(CONTENT) if result.spec.outcome != "helped"]
    return [*others, made]


def test_events_are_those_of_the_data_and_have_no_moments():
    frame = study()
    found = risks(described(frame))
    for arm, part in frame.groupby("arm", observed=True):
        assert found.loc[arm, "count"] == part["helped_6m"].sum()
        assert found.loc[arm, "n"] == part["helped_6m"].notna().sum()
    assert list(found.index) == ["comparison", "implementation"]
    assert found[["mean", "sd", "median"]].isna().all(axis=None)


def test_few_events_of_an_arm_hide_both_arms_and_the_same_answers():
    """With the difference in risk, which is shown, the one could be worked out from the other."""
    found = rare()
    assert risks(found)["state"].to_dict() == {"comparison": "small", "implementation": "withheld"}
    assert risks(found)["count"].isna().all()
    same = found["experience"][found["experience"]["variable"] == "support"]
    assert (same["state"] != "shown").all()
    assert same["count"].isna().all()
    assert (found["team_risks"]["state"] != "shown").all()
    assert described(study(few), minimum=0)["outcomes"].query("outcome == 'helped'")["state"].eq("shown").all()


def test_few_without_the_event_are_hidden_like_few_with_it():
    found = risks(described(study(lambda frame: ~few(frame).astype(bool))))
    assert (found["state"] == "withheld").all()


@pytest.mark.parametrize("seed", range(2, 4))
@pytest.mark.parametrize("panels", [(), ("support",)])
def test_teams_add_up_to_nothing_new(seed, panels):
    frame = study(seed=seed)
    found = described(frame, panels)
    teams, arms = found["team_risks"], risks(found)
    for arm, part in teams[teams["wave"] == "6m"].groupby("arm"):
        if arms.loc[arm, "state"] == "shown":
            assert (part["state"] != "shown").sum() != 1
        truth = frame[frame["arm"] == arm].groupby(["trust", "team"], observed=True)["helped_6m"].agg(["sum", "count"])
        smaller = np.minimum(truth["sum"], truth["count"] - truth["sum"]).to_numpy()
        assert (part["state"].to_numpy()[(smaller > 0) & (smaller < 5)] != "shown").all()
    if panels:
        panel = found["experience"].query("variable == 'support' and code == 'yes' and trust != '(all)'")
        hidden = set(map(tuple, panel[panel["state"] != "shown"][["trust", "group"]].to_numpy()))
        assert set(map(tuple, teams[teams["state"] != "shown"][["trust", "arm"]].to_numpy())) >= hidden


def test_baseline_answers_that_are_hidden_in_the_baseline_table_are_hidden_here():
    frame = study()
    frame["gender_is_other_0m"] = (frame["gender"] == "other").where(frame["gender"].notna()).astype(float)
    made = summaries(
        PlanFile.model_validate(
            CONTENT.model_dump()
            | {
                "outcomes": CONTENT.model_dump()["outcomes"]
                | {"gender_is_other": HELPED | {"variable": "gender", "event": ["other"]}}
            }
        ),
        frame,
        binary={"gender_is_other", "helped"},
    )
    answers = ANSWERS | {"gender_is_other": ("gender", ["other"])}
    found = protect_summaries(made, 5, None, WAVES, answers)[0]["outcomes"]
    assert (found[found["outcome"] == "gender_is_other"]["state"] != "shown").all()


def test_differences_of_hidden_counts_and_intervals_beside_hidden_trusts_are_withheld():
    plain, beside = usual(), usual(("support",))
    one = plain["differences"].set_index(["variable", "code"]).loc[("support", "yes")]
    other = beside["differences"].set_index(["variable", "code"]).loc[("support", "yes")]
    assert one["state"] == "shown"
    assert (beside["experience"].query("trust != '(all)'")["state"] != "shown").any()
    assert other["estimate"] == one["estimate"]
    assert other[["se", "df", "ci_low", "ci_high"]].isna().all()
    assert other["why"] == "answers by trust"
    hidden = rare()["differences"].query("variable == 'support'")
    assert hidden[["estimate", "se", "df", "ci_low", "ci_high"]].isna().all(axis=None)
    with pytest.raises(ValueError, match="disclosure"):
        differences_of(answer_differences(study(), ["support"], "arm", "comparison", "6m", ("trust", "team")))


def test_outcomes_table_has_events_and_percentage_points():
    found = usual()
    names = labels(CONTENT)
    shown = results_of_helped()
    table = outcomes_table(found["outcomes"], shown, estimates(shown), names)
    assert table.columns[3].label == "Six months, mean (SD) or events (%)"
    group = next(group for group in table.groups if group.label.startswith("Help received"))
    assert group.label == "Help received: difference in percentage points"
    part = risks(found).loc["implementation"]
    share = math.floor(100 * part["count"] / part["n"] + 0.5)
    assert group.rows[1].cells[1] == f"–, {part['n']}"
    assert group.rows[1].cells[3] == f"{part['count']:.0f} ({share}%)"
    assert group.rows[1].cells[4] == "4.0 (−22.0 to 30.0)"
    hidden = rare()
    table = outcomes_table(hidden["outcomes"], shown, estimates(shown), names)
    group = next(group for group in table.groups if group.label.startswith("Help received"))
    n = [int(value) for value in risks(hidden)["n"]]
    assert [row.cells[1] for row in group.rows] == [f"–, {n[0]}", f"–, {n[1]}"]
    assert [row.cells[3] for row in group.rows] == ["<5", "[c]"]
    assert group.rows[1].cells[4] == "4.0 (−22.0 to 30.0)"


def test_sentences_speak_of_percentage_points():
    shown = next(result for result in results_of_helped() if result.spec.outcome == "helped")
    words = Wording(labels(CONTENT))
    assert difference_sentence(shown, words, brief=True) == (
        "The share of people with help received at six months was 4.0 percentage points higher in the implementation "
        "group than in the comparison group (difference 4.0, 95% confidence interval −22.0 to 30.0)."
    )
    assert "a difference of 22.0 percentage points in favour of the comparison group" in interval_sentence(shown, words)


def test_experience_table_has_the_differences_with_their_reasons():
    found = usual()
    table = experience_table(found["experience"], labels(CONTENT), found["differences"])
    assert [column.label for column in table.columns] == [
        "Question",
        "Comparison",
        "Implementation",
        "Percentage points (95% CI)",
        "df",
    ]
    counts = found["experience"].query("variable == 'support' and code == 'yes'").set_index("group")
    gap = 100 * (counts["count"] / counts["n"]).diff().iloc[1]
    cell = table.rows[0].cells[3].replace("−", "-")
    assert float(cell.split(" ")[0]) == pytest.approx(gap, abs=0.05)
    assert "to" in cell
    notes = " ".join(table.notes)
    assert "CR2 standard errors by team" in notes
    assert "no p-values" in notes
    assert " p " not in table.to_text().split("Difference:")[0]
    everybody = study(lambda frame: (frame["arm"] == "comparison") | (frame.index % 2 == 0))
    table = experience_table(
        *(described(everybody)[name] if name else labels(CONTENT) for name in ("experience", None, "differences"))
    )
    assert table.rows[0].cells[3].endswith(" a")
    assert any(note.startswith("a: no interval, because nobody or everybody") for note in table.notes)
    panel = usual(("support",))
    table = experience_table(panel["experience"], labels(CONTENT), panel["differences"])
    assert table.rows[0].cells[3].endswith(" [c]")
    assert any("with the answers by trust" in note for note in table.notes)


def test_figure_of_answers_draws_what_has_an_interval():
    found = usual()
    figure = draw_experience(found["differences"], found["experience"], "implementation", labels(CONTENT))
    assert figure.id == "experience"
    drawn = drawn_differences(found["differences"])
    assert set(drawn) <= set(one_of_each_pair(differences_of(found["differences"])))
    assert ("support", "no", "implementation") not in drawn
    for one in drawn.values():
        assert one.text in figure.alt
    hidden = found["differences"].assign(se=math.nan, ci_low=math.nan, ci_high=math.nan)
    with pytest.raises(ValueError, match="no difference"):
        draw_experience(hidden, found["experience"], "implementation", labels(CONTENT))


@pytest.mark.parametrize(("code", "id"), [("a_new_way", "experience-a-new-way"), ("neu (1) / ж", "experience-arm-2")])
def test_figure_of_answers_of_one_arm_among_several_has_an_id_whatever_the_code(code, id):
    found = {name: usual()[name].replace({"group": {"implementation": code}}) for name in ("differences", "experience")}
    words = Words(choices={"arm": dict.fromkeys(("comparison", code, "third"), "Label")})
    assert draw_experience(found["differences"], found["experience"], code, labels(CONTENT, words)).id == id


def test_figure_of_team_risks_is_drawn_where_most_teams_may_be_shown():
    few_teams = rare()["team_risks"]
    assert not enough_risks(few_teams)
    large = study(lambda frame: frame.index % 2 == 0)
    large = pd.concat([large, large.assign(participant_id="X" + large["participant_id"])], ignore_index=True)
    risks_ = described(large)["team_risks"]
    assert enough_risks(risks_)
    figure = draw_risks(risks_, "helped", labels(CONTENT))
    row = risks_.iloc[0]
    assert figure.id == "team-risks-helped"
    assert f"({row['count']:.0f}/{row['n']})" in figure.alt
    with pytest.raises(ValueError, match="no risks"):
        draw_risks(risks_, "rguk", labels(CONTENT))


def test_figure_of_risk_differences_has_adjusted_risks_in_per_cent():
    figure = draw_risk_differences(results_of_helped(), labels(CONTENT))
    assert "Help received 4.0 (−22.0 to 30.0)" in figure.alt
    assert "adjusted risks comparison 44.7, implementation 48.8" in figure.alt
    with pytest.raises(ValueError, match="binary"):
        draw_risk_differences(results(), labels())


def difference(low, high, **changes):
    record = {
        "variable": "support",
        "code": "yes",
        "group": "implementation",
        "reference": "comparison",
        "estimate": (low + high) / 2,
        "se": 0.1,
        "df": 4.0,
        "ci_low": low,
        "ci_high": high,
        "cluster": "trust",
        "why": None,
        "state": "shown",
        "df_method": "",
        "n_clusters": 5,
    }
    return record | changes


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], ()),
        (
            [difference(-0.2, 0.3)],
            (
                "The interval of the one difference between the groups that has one includes zero; it "
                "reaches from −20 to 30 "
                "percentage points, so that these answers neither show nor exclude sizeable differences.",
            ),
        ),
        (
            [difference(-0.2, 0.3), difference(-0.5, 0.1, variable="change", code="better")],
            (
                "Both intervals of differences between the groups include zero; they reach from −50 to 30 "
                "percentage points, so "
                "that these answers neither show nor exclude sizeable differences.",
            ),
        ),
        (
            [difference(0.1, 0.3), difference(-0.5, 0.1, variable="change", code="better")],
            (
                "One of 2 intervals excludes zero: received support, yes (20.0 percentage points higher in "
                "the implementation "
                "group, 95% CI 10.0 to 30.0).",
                "Answers were not tested and not adjusted; about one in twenty such intervals would exclude "
                "zero if the groups "
                "did not differ at all.",
            ),
        ),
    ],
)
def test_interval_sentences_never_turn_zero_inside_into_no_difference(rows, said):
    found = differences_of(pd.DataFrame(rows, columns=list(difference(0, 1))))
    assert experience_interval_sentences(found, Wording(labels(CONTENT, Words()))) == said
    assert not any(word in " ".join(said).lower() for word in ("effect", "because of", "led to", "no difference"))
