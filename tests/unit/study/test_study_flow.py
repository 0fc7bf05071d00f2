"""The flow with the numbers analysed, against counts by hand."""

import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study.flow_of_analyses import complete_flow

DESIGN = Design.model_validate(
    {
        "participant": "participant_id",
        "arm": {"variable": "arm", "reference": "c"},
        "levels": [{"variable": "trust"}, {"variable": "team"}],
        "waves": [{"name": "0m", "label": "Baseline", "months": 0}, {"name": "6m", "label": "Later", "months": 6}],
    }
)


def counts(recruited, baseline, followup):
    return {"recruited": recruited, "baseline": baseline, "followup": followup}


FLOW = {
    "overall": counts(30, 28, 24),
    "by_arm": {"c": counts(15, 14, 12), "i": counts(15, 14, 12)},
    "by_team": {"A / North": counts(15, 14, 12), "A / South": counts(10, 10, 8), "B / South": counts(5, 4, 4)},
    "losses": [{"stage": "before_baseline", "arm": "c", "team": "A / North", "reason": None, "n": 1}],
}


def cell(trust, team, arm, people, rows=None):
    return {"trust": trust, "team": team, "arm": arm, "n_participants": people, "n_obs": rows or people}


PRIMARY = [cell("A", "North", "c", 11), cell("A", "South", "i", 8)]


def test_flow_adds_the_primary_analysis_and_lists_the_others():
    longer = [cell("A", "North", "c", 14, 26), cell("A", "South", "i", 10, 18), cell("B", "South", "i", 4, 8)]
    flow = complete_flow(FLOW, {"y.ancova": PRIMARY, "y.long": longer}, "y.ancova", DESIGN, PRIMARY)
    assert flow["overall"] == counts(30, 28, 24) | {"analysed": 19}
    assert flow["by_arm"]["i"]["analysed"] == 8
    assert flow["by_team"]["B / South"]["analysed"] == 0
    assert flow["analyses"]["y.long"] == {"overall": 28, "by_arm": {"c": 14, "i": 14}}
    assert flow["losses"] == FLOW["losses"]
    assert FLOW["overall"] == counts(30, 28, 24), "the flow that was given is left as it was"


def test_flow_of_a_population_made_of_an_answer_is_not_counted_by_team():
    flow = complete_flow(FLOW, {"y.ancova": PRIMARY}, "y.ancova", DESIGN)
    assert flow["by_arm"]["i"]["analysed"] == 8
    assert not any("analysed" in counts for counts in flow["by_team"].values())


def test_flow_of_numbers_that_are_not_given_has_none():
    flow = complete_flow(FLOW, {"y.ancova": [], "y.few": []}, "y.ancova", DESIGN)
    assert "analysed" not in str({key: value for key, value in flow.items() if key != "analyses"})
    assert flow["analyses"]["y.few"] == {"overall": None, "by_arm": {}}


def test_flow_without_teams_counts_by_trust():
    flow = FLOW | {"by_team": {"A": counts(30, 28, 24)}}
    cells = [cell("A", None, "c", 11), cell("A", None, "i", 8)]
    done = complete_flow(
        flow, {"y.ancova": cells}, "y.ancova", DESIGN.model_copy(update={"levels": DESIGN.levels[:1]}), cells
    )
    assert done["by_team"] == {"A": counts(30, 28, 24) | {"analysed": 19}}


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([cell("A", "North", "c", 13)], "13 people analysed, but 12 followup"),
        ([cell("Z", "North", "c", 1)], "variable Z / North: 1 people analysed, but 0"),
    ],
)
def test_flow_more_analysed_than_followed_up_is_refused(cells, message):
    with pytest.raises(DataError, match=message):
        complete_flow(FLOW, {"y.ancova": cells}, "y.ancova", DESIGN, cells)


def test_flow_that_grows_is_refused():
    with pytest.raises(DataError, match="29 people followup, but 28 baseline"):
        complete_flow(FLOW | {"overall": counts(30, 28, 29)}, {"y.ancova": PRIMARY}, "y.ancova", DESIGN)


def test_flow_without_primary_analysis_is_refused():
    with pytest.raises(DataError, match="no result"):
        complete_flow(FLOW, {}, "y.ancova", DESIGN)
