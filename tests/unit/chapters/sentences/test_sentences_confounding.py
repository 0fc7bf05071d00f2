"""What could be behind a difference: imbalance that is not adjusted for, people lost, answers filled in."""

from dataclasses import replace

import pandas as pd
import pytest

from cpis_analysis.chapters.people.sentences_confounding import (
    complete_answers_analysis,
    confounding_sentences,
    lost_sentences,
    prorated_sentences,
)
from report_material import result, wording

BASE = "score_6m ~ arm + score_0m + age + (1 | trust:team)"


def made(model, formula=BASE, *, condition="", population="available", estimate=1.2, low=-0.8, high=3.2, n=120):
    one = result(estimate, low, high)
    spec = replace(
        one.spec, name=f"score.{model}", model=model, formula=formula, condition=condition, population=population
    )
    return replace(one, spec=spec, estimate=replace(one.estimate, n_participants=n, analysis=spec.name))


def baseline(**smd):
    return pd.DataFrame(
        [
            {
                "variable": name,
                "kind": "number",
                "count": float("nan"),
                "smd": value,
                "state": "shown",
                "smd_hidden": False,
            }
            for name, value in smd.items()
        ]
    )


HEAD = made("ancova")


def test_confounding_adds_what_differed_and_is_not_adjusted_for():
    added = made("more", BASE.replace("age", "age + alone + work"), estimate=0.9, low=-1, high=2.8, n=118)
    frame = baseline(age=0.4, alone=0.3, work=-0.31, kept=0.1)
    first, second = confounding_sentences(frame, [HEAD, added], wording())
    assert first == "The primary analysis adjusts for baseline score and age."
    assert second == (
        "Work and alone differed between the groups and are not adjusted for. With them added, the difference (118 "
        "people) is 0.90 (95% CI −1.00 to 2.80)."
    )


@pytest.mark.parametrize(
    "formula",
    [BASE.replace("age", "age + alone"), BASE.replace("age", "alone + work")],
    ids=["one left out", "another adjustment lost"],
)
def test_confounding_without_an_analysis_that_adds_all_says_so(formula):
    *_, second = confounding_sentences(baseline(alone=0.3, work=0.31), [HEAD, made("more", formula)], wording())
    assert second.endswith(
        "no analysis in the plan adds them, so how much of the difference they explain is not known."
    )


def test_confounding_where_all_that_differed_is_adjusted_for():
    assert confounding_sentences(baseline(age=0.4, alone=0.2), [HEAD], wording()) == (
        "The primary analysis adjusts for baseline score and age.",
    )


def test_confounding_names_first_scores_of_other_outcomes_apart():
    said = confounding_sentences(baseline(mood_0m=0.3, score_0m=0.5), [HEAD], wording())
    assert said[1] == "It leaves out a first score of other outcomes that differed: mood (M-10), baseline."
    assert len(said) == 2


def retention(**cells):
    rows = []
    for variable, (kind, smd, parts) in cells.items():
        for code, followed, lost in parts:
            for group, value in (("followed", followed), ("lost", lost)):
                number = kind == "number"
                rows.append(
                    {
                        "variable": variable,
                        "kind": kind,
                        "code": code,
                        "group": group,
                        "n_group": 100 if group == "followed" else 20,
                        "n": 100 if group == "followed" else 20,
                        "mean": value if number else None,
                        "sd": 10.0 if number else None,
                        "count": None if number or value is None else value,
                        "smd": smd if group == "lost" else None,
                        "state": "shown" if value is not None else "withheld",
                        "smd_hidden": False,
                    }
                )
    return pd.DataFrame(rows)


def test_lost_are_described_by_their_largest_differences():
    frame = retention(
        age=("number", -0.7, [(None, 45.2, 38.0)]),
        sex=("category", 0.5, [("f", 60, 8), ("m", 40, 12)]),
        alone=("category", 0.3, [("yes", 50, 14), ("no", 50, 6)]),
        job=("category", 0.26, [("yes", 50, 11), ("no", 50, 9)]),
        kept=("number", 0.1, [(None, 5, 5)]),
        arm=("category", 0.9, [("new", 90, 5), ("usual", 10, 15)]),
    )
    assert lost_sentences(frame, wording()) == (
        "The 20 people lost after baseline differed from the 100 seen again in four characteristics, most in age "
        "(38.0 against 45.2 on average), sex (m: 60% against 40%) and alone (70% against 50%).",
    )


def test_lost_says_no_share_that_is_withheld():
    frame = retention(sex=("category", 0.5, [("f", None, 8), ("m", 40, None)]), age=("number", -0.7, [(None, 45, 38)]))
    (said,) = lost_sentences(frame, wording())
    assert "age (38.0 against 45.0 on average)." in said
    assert "sex" not in said


def test_lost_without_notable_difference_and_without_loss():
    (said,) = lost_sentences(retention(age=("number", 0.1, [(None, 45.0, 44.0)])), wording())
    assert "no characteristic whose difference can be shown by more than 0.25 standard deviations" in said
    assert lost_sentences(pd.DataFrame(), wording()) == ()


SCORING = pd.DataFrame(
    [
        {"score": "score", "wave": wave, "n_rows": rows, "n_prorated": prorated}
        for wave, rows, prorated in (("0m", 151, 52), ("6m", 127, 34))
    ]
)


def test_prorated_scores_and_the_analysis_without_them():
    complete = made(
        "complete",
        condition="score_items_missing_0m == 0 and score_items_missing_6m == 0",
        population="complete",
        estimate=1,
        low=-4.2,
        high=4.2,
        n=57,
    )
    other = made("other", condition="mood_items_missing_0m == 0", population="other")
    assert complete_answers_analysis([HEAD, other, complete]) is complete
    assert complete_answers_analysis([HEAD, other]) is None
    first, second = prorated_sentences(SCORING, [HEAD, other, complete], wording())
    assert first == (
        "Scores with few answers missing were completed from the person's other answers: 52 of 151 at baseline and 34 "
        "of 127 at six months."
    )
    assert second == (
        "With complete answers only, the difference (57 people) is 1.00 (95% CI −4.20 to 4.20), an interval 2.1 times "
        "as wide."
    )
    assert prorated_sentences(SCORING, [HEAD], wording())[1] == "No analysis in the plan uses complete answers only."


def test_prorated_nothing_where_nothing_was_filled_in():
    assert prorated_sentences(SCORING.assign(n_prorated=0), [HEAD], wording()) == ()
    assert prorated_sentences(None, [HEAD], wording()) == ()
