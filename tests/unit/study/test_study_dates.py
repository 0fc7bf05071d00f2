"""Dates of the study: months of the first and last, days between waves, nothing of few people."""

import pandas as pd
import pytest

from cpis_analysis.chapters.flow.sentences_dates import dates_sentences
from cpis_analysis.study.study_dates import study_dates
from report_material import team_plan, wording


@pytest.fixture
def people():
    start = pd.Timestamp("2018-02-14")
    first = pd.Series([start + pd.Timedelta(days=3 * place) for place in range(20)])
    second = first + pd.to_timedelta([180 + place for place in range(20)], unit="D")
    second[18:] = pd.NaT
    return pd.DataFrame({"in_on": first - pd.Timedelta(days=2), "seen_0m": first, "seen_6m": second})


def test_dates_are_months_and_days_between(people):
    found = study_dates(people, "in_on", "seen", ["0m", "6m"], 5, ("0m", "6m")).set_index("stage")
    assert found.loc["recruited", ["first", "last", "n"]].tolist() == ["2018-02", "2018-04", 20]
    assert found.loc["6m", ["first", "last", "n"]].tolist() == ["2018-08", "2018-10", 18]
    # 180 to 197 days of eighteen people: by hand
    assert found.loc["interval", ["median", "q1", "q3", "n"]].tolist() == [188, 184, 193, 18]


def test_dates_in_words(people):
    frame = study_dates(people, "in_on", "seen", ["0m", "6m"], 5, ("0m", "6m"))
    assert dates_sentences(frame, wording()) == (
        "People were recruited from February to April 2018.",
        "They were interviewed at baseline from February to April 2018 and at six months from August to October 2018.",
        "Between the two lay a median of 188 days (quartiles 184 to 193; 18 people).",
    )


def test_dates_over_the_turn_of_a_year_and_within_a_month(people):
    later = people[["in_on"]] + pd.Timedelta(days=300)
    (said,) = dates_sentences(study_dates(later, "in_on", None, ["0m", "6m"], 5, ("0m", "6m")), wording())
    assert said == "People were recruited from December 2018 to February 2019."
    (same,) = dates_sentences(study_dates(people.head(5), "in_on", None, ["0m", "6m"], 5, ("0m", "6m")), wording())
    assert same == "People were recruited in February 2018."


def test_dates_of_few_people_are_not_told(people):
    assert study_dates(people.head(4), "in_on", "seen", ["0m", "6m"], 5, ("0m", "6m")).empty
    assert study_dates(people, None, None, ["0m", "6m"], 5, ("0m", "6m")).empty
    assert dates_sentences(pd.DataFrame(), wording(team_plan())) == ()
