"""Analysis data, flow and descriptions of studies with one wave and with three."""

import pytest

from cpis_analysis.study.describe import summaries
from cpis_analysis.study.design_audit import audit_design
from wave_studies import one_wave, three_waves, wave_plan


def test_changes_are_from_baseline_to_the_primary_wave_and_to_each_other():
    wide = three_waves().participants
    assert (wide["score_change"].dropna() == (wide["score_6m"] - wide["score_0m"]).dropna()).all()
    assert (wide["score_change_12m"].dropna() == (wide["score_12m"] - wide["score_0m"]).dropna()).all()
    assert list(three_waves().interviews["wave"].cat.categories) == ["0m", "6m", "12m"]


def test_one_wave_gives_no_column_of_a_baseline_or_a_change():
    columns = [str(name) for name in one_wave().participants]
    assert columns == ["pupil", "programme", "school", "sex", "has_post", "reading_post"]


def test_stages_are_counted_by_wave():
    audit = audit_design(three_waves(), wave_plan("three_waves").design)
    wide = three_waves().participants
    for stage, wave in (("baseline", "0m"), ("followup", "6m"), ("wave_12m", "12m")):
        assert sum(arm[stage] for arm in audit.arms) == wide[f"has_{wave}"].sum()
    alone = audit_design(one_wave(), wave_plan("one_wave").design)
    assert list(alone.arms[0]) == ["arm", "n_trusts", "n_teams", "recruited", "followup"]


@pytest.mark.parametrize(
    ("study", "waves", "people"),
    [("one_wave", ["post"], 162), ("three_waves", ["0m", "6m", "12m", "change"], 112)],
)
def test_descriptions_have_every_wave_and_characteristics_of_the_first(study, waves, people):
    content, data = wave_plan(study), {"one_wave": one_wave, "three_waves": three_waves}[study]()
    content = content.model_copy(update={"outcomes": {k: v for k, v in content.outcomes.items() if v.variable is None}})
    made = summaries(content, data.participants)
    assert list(dict.fromkeys(made["outcomes"]["wave"])) == waves
    everybody = made["baseline"][made["baseline"]["group"] == "(all)"]
    assert set(everybody["n_group"]) == {people}
    assert made["retention"].empty == (study == "one_wave")
