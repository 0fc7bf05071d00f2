"""What a person has at a wave: an interview, or a measurement where the plan's files hold no interviews."""

import pytest

from cpis_analysis.chapters.process.sentences_lock import headline_sentence
from cpis_analysis.intake.dictionary.expected_columns import waves_of
from cpis_analysis.plan.naming import Noun, plural
from cpis_analysis.plan.schema import Data
from cpis_analysis.plan.schema_design import Design, occasion_of
from cpis_analysis.runs.locked.lock_status import LockStatus

DESIGN = {
    "participant": "pupil",
    "arm": {"variable": "arm", "reference": "usual"},
    "waves": [{"name": "t0", "label": "Autumn", "months": 0}, {"name": "t1", "label": "Summer", "months": 9}],
}


def data(*held):
    waves = {"interviews": {"wave": "t0"}, "measurements": {"wave": "t0"}}
    sources = {f"s{at}": {"file": f"s{at}.csv", "holds": one, **waves.get(one, {})} for at, one in enumerate(held)}
    return Data.model_validate({"dictionary": "d.csv", "sources": sources})


@pytest.mark.parametrize(
    ("held", "date", "occasion"),
    [
        (["interviews"], "seen_on", "interview"),
        (["participants", "interviews", "teams"], "seen_on", "interview"),
        (["measurements", "interviews"], "seen_on", "interview"),
        (["interviews"], None, "measurement"),
        (["measurements", "clusters"], "seen_on", "measurement"),
        (["wide"], "seen_on", "measurement"),
        (["long", "teams"], None, "measurement"),
    ],
)
def test_occasion_is_an_interview_where_files_hold_interviews_with_a_date(held, date, occasion):
    assert occasion_of(data(*held), Design.model_validate(DESIGN | {"interview_date": date})) == occasion


def test_sources_of_either_word_are_read_alike():
    made = data("measurements", "clusters", "interviews", "teams", "wide")
    assert [source.kind for source in made.sources.values()] == ["interviews", "teams", "interviews", "teams", "wide"]
    assert waves_of(made.sources["s0"], Design.model_validate(DESIGN)) == ("t0",)


@pytest.mark.parametrize(("noun", "said"), [("interview", "an interview"), ("measurement", "a measurement")])
def test_occasion_has_its_article(noun, said):
    assert Noun(noun).with_article == said


@pytest.mark.parametrize("held", ["interviews", "measurements"])
def test_lock_speaks_of_files_as_the_plan_does(held):
    occasion = occasion_of(data(held), Design.model_validate(DESIGN | {"interview_date": "seen_on"}))
    status = LockStatus(locked_on="2018-02-01", occasion=occasion)
    assert f"when no raw file of {plural(occasion)} and no results were" in headline_sentence(status, "y")
    there = LockStatus(locked_on="2018-02-01", interviews=("data/raw/a.csv",), occasion=occasion)
    assert f"raw files of {held} were there already" in headline_sentence(there, "y")
