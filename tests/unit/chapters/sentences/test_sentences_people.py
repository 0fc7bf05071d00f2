"""Sentences on flow, follow-up, balance, experience and themes."""

import pandas as pd
import pytest

from cpis_analysis.chapters.experience.sentences import experience_sentences
from cpis_analysis.chapters.flow.sentences import flow_sentence, followup_sentences, people_counts, screening_sentence
from cpis_analysis.chapters.people.sentences import (
    balance_sentences,
    missing_analysis_sentences,
    missing_sentences,
)
from cpis_analysis.publish.sources.ledger import open_ledger, split_marks
from cpis_analysis.publish.sources.sourced import sourced
from report_material import TEAM_WORDS, Words, clinic_audit, clinic_wording, result, team_audit, wording


def test_flow_sentence_of_teams_in_trusts():
    counts = {"recruited": 159, "baseline": 151, "followup": 127}
    assert flow_sentence(counts, {"trusts": 5, "teams": 10}, wording(), 120) == (
        "159 people were recruited in 10 teams of 5 trusts; 151 (95.0%) were interviewed at baseline, and 127 of 151 "
        "(84.1%) were interviewed again at six months. The primary analysis includes 120 people."
    )


def test_flow_sentence_without_teams_and_interviews():
    counts = {"recruited": 823, "baseline": 823, "followup": 659}
    assert flow_sentence(counts, {"trusts": 4, "teams": None}, clinic_wording()) == (
        "823 people were recruited in 4 clinics; all were seen at baseline, and 659 of 823 (80.1%) were seen again at "
        "visit 5."
    )


def test_flow_sentence_singular():
    text = flow_sentence({"recruited": 1, "baseline": 1, "followup": 0}, {"trusts": 1, "teams": 1}, wording())
    assert text.startswith("1 person was recruited in 1 team of 1 trust;")


def test_people_counts_add_up_over_arms():
    assert people_counts(team_audit()["arms"], wording()) == {"recruited": 64, "baseline": 60, "followup": 50}


def test_followup_by_arm_and_its_range_over_clusters():
    first, second = followup_sentences(team_audit()["arms"], team_audit()["cells"], wording())
    assert "25 of 30 (83.3%) in the usual way group and 25 of 30 (83.3%) in the new way group" in first
    assert second == "Follow-up ranged from 80% to 87% over the 4 teams."


def test_followup_equal_everywhere_is_said_once():
    *_, last = followup_sentences(clinic_audit()["arms"], clinic_audit()["cells"], clinic_wording())
    assert last == "Follow-up was 80% in every clinic."


def baseline(**smd):
    return pd.DataFrame(
        [
            {"variable": name, "kind": "number", "count": float("nan"), "smd": value, "state": "shown"}
            for name, value in smd.items()
        ]
    )


def test_balance_names_the_largest_differences_first():
    (text,) = balance_sentences(baseline(age=-0.41, sex=0.1, score_0m=0.3), wording())
    assert text == (
        "At baseline two of three characteristics differed between the groups by more than 0.25 standard deviations: "
        "age (years) (0.41) and access to help (total), baseline (0.30)."
    )


def test_balance_without_notable_difference_gives_the_largest():
    (text,) = balance_sentences(baseline(age=-0.12, sex=0.1), wording())
    assert "no characteristic differed between the groups by more than 0.25" in text
    assert "was 0.12 (age (years))" in text


def test_largest_difference_of_zero_carries_its_source():
    frame = baseline(age=0.0).astype({"smd": object})
    frame.at[0, "smd"] = sourced(0.0, "results/summaries.json", "baseline", "smd")
    with open_ledger() as ledger:
        (text,) = balance_sentences(frame, wording())
        found = [ledger.record(mark) for _, mark in split_marks(text)[1]]
    assert [one["value"] for one in found if one["source"] and one["source"]["column"] == "smd"] == [0.0]


def test_balance_of_separated_groups_is_named_in_words():
    (text,) = balance_sentences(baseline(age=float("inf")), wording())
    assert "age (years) (complete separation)" in text


def test_balance_leaves_out_differences_that_reveal_small_counts():
    frame = pd.DataFrame(
        [
            {"variable": "rare", "kind": "category", "count": 2.0, "smd": 2.0},
            {"variable": "age", "kind": "number", "count": float("nan"), "smd": 0.5},
        ]
    )
    text = " ".join(balance_sentences(frame, wording()))
    assert "rare" not in text


def protected(*, hidden, **smd):
    """A summary after disclosure control: the differences in `hidden` are withheld."""
    return baseline(**smd, **dict.fromkeys(hidden, float("nan"))).assign(
        state="shown", smd_hidden=lambda frame: frame["variable"].isin(hidden)
    )


def test_balance_counts_what_is_compared_and_what_is_withheld():
    text, more = balance_sentences(protected(hidden=("rare", "few"), age=-0.41, sex=0.1, score_0m=0.3), wording())
    assert text.startswith(
        "At baseline two of three characteristics whose differences can be shown differed between the "
        "groups by more than 0.25 standard deviations: age"
    )
    assert more == (
        "Two further characteristics are not among them: their differences are withheld, because small "
        "counts could be worked out from them."
    )
    text, more = balance_sentences(protected(hidden=("rare",), age=-0.12, sex=0.1), wording())
    assert text.startswith("At baseline none of the two characteristics whose differences can be shown differed")
    assert more.startswith("One further characteristic is not among them: its difference is withheld")


def test_balance_tells_nothing_of_the_direction_or_size_of_what_is_withheld():
    frames = [
        pd.DataFrame(
            [
                {"variable": "rare", "kind": "category", "count": 2.0, "smd": smd},
                {"variable": "age", "kind": "number", "count": float("nan"), "smd": 0.5},
            ]
        )
        for smd in (2.0, -0.01)
    ]
    assert balance_sentences(frames[0], wording()) == balance_sentences(frames[1], wording())


def test_balance_where_all_is_withheld_says_so():
    assert balance_sentences(protected(hidden=("rare", "few")), wording()) == (
        "The differences between the groups at baseline are withheld, because small counts could be worked out from "
        "them (two characteristics).",
    )
    nothing = baseline(age=float("nan"))
    assert balance_sentences(nothing, wording()) == ()


def experience(new=30, usual=25, n=60):
    groups = {"usual": (usual, n), "new": (new, n), "(all)": (usual + new, 2 * n)}
    return pd.DataFrame(
        [
            {
                "variable": "helped",
                "code": code,
                "trust": "(all)",
                "group": group,
                "n_group": asked,
                "n": asked,
                "count": yes if code == "yes" else asked - yes,
            }
            for code in ("yes", "no")
            for group, (yes, asked) in groups.items()
        ]
    )


WORDS = Words({"helped": "Received help"}, {"arm": TEAM_WORDS.choices("arm"), "helped": {"yes": "Yes", "no": "No"}})


def test_experience_gives_share_of_each_group():
    assert experience_sentences(experience(), wording(words=WORDS)) == (
        "Received help, yes: 25 of 60 (42%) in the usual way group and 30 of 60 (50%) in the new way group.",
    )


@pytest.mark.parametrize("few", [1, 4, 59])
def test_experience_with_a_small_cell_is_left_to_the_table(few):
    assert experience_sentences(experience(new=few), wording(words=WORDS)) == ()


def test_experience_of_nothing_is_nothing():
    assert experience_sentences(pd.DataFrame(), wording()) == ()


def test_missing_scores_are_counted_at_each_wave():
    frame = pd.DataFrame(
        [
            {"level": "score", "variable": "score", "wave": wave, "arm": arm, "n": 30, "n_missing": lacking}
            for wave, arm, lacking in (("0m", "new", 0), ("0m", "usual", 0), ("6m", "new", 2), ("6m", "usual", 1))
        ]
    )
    assert missing_sentences(frame, "score", wording()) == (
        "Of the 60 people interviewed at baseline, all have a value of access to help (total).",
        "Of the 60 people interviewed at six months, 3 (5.0%) have no value of access to help (total).",
    )


def test_screening_is_told_from_the_first_stage_that_was_counted():
    counts = {"consented": 97, "eligible": 120, "recruited": 90}
    assert screening_sentence({"overall": counts}, wording()) == (
        "Of 120 people found eligible, 90 (75.0%) were recruited."
    )
    assert screening_sentence({"overall": counts | {"approached": 180}}, wording()) == (
        "Of 180 people approached, 90 (50.0%) were recruited."
    )
    assert screening_sentence(None, wording()) is None
    assert screening_sentence({"overall": {"recruited": 5}}, wording()) is None


def test_waves_at_which_nobody_lacks_a_value_take_one_sentence():
    rows = [
        {"level": "score", "variable": "score", "wave": wave, "arm": "new", "n": n, "n_missing": 0}
        for wave, n in (("0m", 30), ("3m", 20), ("6m", 10))
    ]
    said = missing_sentences(pd.DataFrame(rows), "score", wording())
    assert said == ("Everybody interviewed at a wave has a value of access to help (total) there.",)


def test_nothing_has_to_hold_of_the_lost_where_everybody_is_analysed():
    everybody = missing_analysis_sentences(result(), wording(), result().estimate.n_participants)
    assert everybody == ("The primary analysis uses everybody: nobody lacks a value of a variable of its model.",)
    (_, holds) = missing_analysis_sentences(result(), wording(), result().estimate.n_participants + 1)
    assert holds.startswith("It is free of bias by loss if")
