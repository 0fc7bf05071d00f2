"""Single people as clusters of one: their labels, the design audit, and who is counted where."""

import pandas as pd
import pytest

from cpis_analysis.plan.naming import is_alone, together
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study.dataset import build_dataset
from cpis_analysis.study.design_audit import audit_design
from cpis_analysis.study.outcome_summaries import team_means


def design(**level):
    return Design.model_validate(
        {
            "participant": "pid",
            "arm": {"variable": "arm", "reference": "usual"},
            "levels": [{"variable": "group", "label": "class", **level}],
            "waves": [{"name": "0m", "label": "A", "months": 0}, {"name": "6m", "label": "B", "months": 6}],
        }
    )


def people(cell=None):
    """Three classes of two, and five single people of whom the first was not seen again."""
    rows = [{"pid": f"N{i}", "arm": "new", "group": f"G{i // 2}"} for i in range(6)]
    rows += [{"pid": f"U{i}", "arm": "usual", "group": cell} for i in range(5)]
    log = pd.DataFrame(rows)
    talks = pd.DataFrame(
        [{"pid": pid, "wave": wave, "y": float(i)} for i, pid in enumerate(log["pid"]) for wave in ("0m", "6m")
         if (pid, wave) != ("U0", "6m")]
    )  # fmt: skip
    return log, talks


@pytest.fixture(params=[None, "none"], ids=["empty", "filled"])
def data(request):
    return build_dataset(*people(request.param), None, design(arms=["new"]), ["y"])


def test_everybody_without_clusters_is_one_of_their_own(data):
    alone = data.participants[data.participants["arm"] == "usual"]
    assert sorted(alone["group"]) == [f"(alone) {number}" for number in range(1, 6)]
    assert data.participants["in_group"].tolist() == [1.0] * 6 + [0.0] * 5
    assert data.interviews.groupby("pid")["group"].nunique().eq(1).all()
    assert data.interviews["in_group"].sum() == 12
    assert list(data.participants["group"].cat.categories[:3]) == ["G0", "G1", "G2"]


def test_numbers_tell_when_people_were_seen_and_nothing_else(data):
    assert data.participants.set_index("pid").loc["U0", "group"] == "(alone) 5"


def test_people_of_the_arm_with_clusters_who_have_none_stay_unplaced():
    log, talks = people()
    log.loc[0, "group"] = None
    made = build_dataset(log, talks, None, design(arms=["new"]), ["y"]).participants
    assert made["group"].isna().tolist() == [True] + [False] * 10


def test_without_the_key_nothing_is_made():
    made = build_dataset(*people("G9"), None, design(), ["y"]).participants
    assert "in_group" not in made
    assert not made["group"].map(is_alone).any()


def test_the_audit_counts_classes_alone_for_degrees_of_freedom_and_names_no_single_person(data):
    audit = audit_design(data, design(arms=["new"]))
    assert audit.clusters_by_arm == (("new", 3), ("usual", 4))
    assert [(row.approach, row.df) for row in audit.degrees_of_freedom] == [("between classes", 2)]
    assert "everybody else counts alone" in audit.description
    assert not audit.singletons
    assert not audit.lost_whole
    assert not any("alone" in line for line in audit.warnings)


def test_single_people_have_no_means(data):
    found = team_means(data.participants, ["y"], "arm", ["group"], ["0m", "6m"])
    assert sorted(set(found["trust"])) == ["G0", "G1", "G2"]


def test_single_people_are_counted_together():
    assert together("A / (alone) 12") == "A / (alone)"
    assert together("(alone) 1") == "(alone)"
    assert together("A / G1") == "A / G1"
