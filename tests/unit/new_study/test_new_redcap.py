"""A REDCap export as a new study: its events are the waves, and its own columns are not read."""

import pytest

from cpis_analysis.intake.clean import clean
from cpis_analysis.new_study.write_study import write_study
from cpis_analysis.study.checks.plan_check import load_and_check
from new_studies import settled

HEADER = (
    "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,redcap_data_access_group,"
    "redcap_survey_identifier,arm,age,pain_score,visit_complete"
)


def _rows():
    for at in range(1, 49):
        event = f"arm_{1 + at % 2}"
        yield f"{at},baseline_{event},,,site_{at % 6},,{at % 2},{30 + at},{at * 7 % 11},2"
        yield f"{at},3_months_{event},,,site_{at % 6},,,,{at * 5 % 11},2"
        if at % 9 == 0:
            yield f"{at},3_months_{event},adverse_events,1,site_{at % 6},,,,,2"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("redcap")
    found = settled(folder, "\n".join([HEADER, *_rows(), ""]))
    write_study(found, folder / "study")
    return found, folder / "study"


def test_events_are_waves_and_access_groups_are_clusters(study):
    found, _ = study
    assert (found.row, found.person, found.wave_column) == ("person-and-wave", "record_id", "redcap_event_name")
    assert [(wave.written, wave.label, wave.months) for wave in found.waves] == [
        ("baseline", "Baseline", 0),
        ("3_months", "3 months", 3),
    ]
    assert found.clusters == ("redcap_data_access_group",)
    assert [one.title for one in found.outcomes] == ["pain_score"]


def test_columns_that_redcap_adds_are_not_read_and_it_is_said(study):
    found, _ = study
    own = {"redcap_repeat_instrument", "redcap_repeat_instance", "redcap_survey_identifier", "visit_complete"}
    assert own <= set(found.ignored)
    assert any(remark.startswith("not read: redcap_repeat_instrument") for remark in found.remarks)
    assert any("5 rows of repeated instruments" in remark for remark in found.remarks)


def test_events_of_all_arms_of_the_project_are_named_in_the_plan_and_cleaned(study):
    _, folder = study
    plan, dictionary = load_and_check(folder / "config.yaml")
    [source] = plan.content.data.sources.values()
    assert source.waves == {
        "baseline_arm_1": "baseline",
        "baseline_arm_2": "baseline",
        "3_months_arm_1": "3months",
        "3_months_arm_2": "3months",
    }
    assert not {"redcap_event_name", "visit_complete"} & set(dictionary)
    content = plan.content
    result = clean(content.data, content.design, content.cleaning, dictionary, folder)
    assert result.interviews["wave"].value_counts().to_dict() == {"baseline": 48, "3months": 48}
    assert result.queries.empty
