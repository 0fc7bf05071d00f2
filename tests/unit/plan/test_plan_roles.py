"""One variable, one role: plans that give a variable of the design two, and variables that can't have one."""

import itertools

import pytest
import yaml

from cpis_analysis.errors import PlanError
from cpis_analysis.intake.flow import participant_flow
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.study.checks.plan_check import check_plan
from intake_study import SOURCES, VARIABLES, changed, clean_study, dictionary_text, plan_parts, queries_of

USUAL = {
    ("design", "participant"): "participant_id",
    ("design", "arm", "variable"): "arm",
    ("design", "levels", 0, "variable"): "trust",
    ("design", "levels", 1, "variable"): "team",
    ("design", "interview_date"): "interview_date",
    ("design", "characteristics"): "age",
    ("design", "team_characteristics"): "fidelity",
    ("data", "stages", "recruited"): "recruited_on",
    ("data", "stages", "reason"): "loss_reason",
}
LISTS = {("design", "characteristics"), ("design", "team_characteristics")}
# a cluster may be described, and so may the date; who stops at which stage may be, too
ALLOWED = (
    [
        {("design", "characteristics"), other}
        for other in (
            ("design", "levels", 0, "variable"),
            ("design", "levels", 1, "variable"),
            ("design", "interview_date"),
            ("data", "stages", "recruited"),
            ("data", "stages", "reason"),
        )
    ]
    + [
        {("design", "team_characteristics"), other}
        for other in (("design", "interview_date"), ("data", "stages", "recruited"), ("data", "stages", "reason"))
    ]
    + [{("data", "stages", "recruited"), ("data", "stages", "reason")}]
)


def loaded(folder, named):
    """The plan with these variables at these keys."""
    plan = {
        "version": 2,
        "study": {"name": "Roles", "short_name": "R", "synthetic": True, "randomised": False},
        "data": {"dictionary": "raw/dictionary.csv", "sources": SOURCES, "stages": {}},
        "design": {
            "arm": {"reference": "comparison"},
            "levels": [{}, {}],
            "waves": [
                {"name": "0m", "label": "Baseline", "months": 0},
                {"name": "6m", "label": "Six months", "months": 6},
            ],
        },
        "outcomes": {"score": {"label": "Score", "role": "primary", "low": 0, "high": 100, "models": ["ancova"]}},
        "models": {"ancova": {"label": "ANCOVA", "formula": "{outcome}_6m ~ arm + {outcome}_0m + (1 | trust:team)"}},
        "report": {"title": "T"},
    }
    for path, name in named.items():
        part = plan
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = [name] if path in LISTS else name
    (folder / "config.yaml").write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    return load_plan(folder / "config.yaml")


def test_usual_roles_are_a_plan(tmp_path):
    assert loaded(tmp_path, USUAL).content.design.clusters == ("trust", "team")


@pytest.mark.parametrize(
    ("first", "second"),
    list(itertools.permutations(USUAL, 2)),
    ids=lambda path: ".".join(map(str, path)) if isinstance(path, tuple) else None,
)
def test_two_keys_of_one_variable_are_one_problem_with_line_and_both_names(tmp_path, first, second):
    """Every pair of keys that name variables of people; the others are as usual."""
    named = USUAL | {second: USUAL[first]}
    if {first, second} in ALLOWED:
        loaded(tmp_path, named)
        return
    with pytest.raises(PlanError) as caught:
        loaded(tmp_path, named)
    (problem,) = caught.value.problems
    assert problem.value == USUAL[first]
    assert problem.line is not None
    for key in (".".join(map(str, first)), ".".join(map(str, second))):
        assert key in problem.message


@pytest.mark.parametrize(
    ("key", "name", "said"),
    [
        (
            ("design", "levels", 0, "variable"),
            "gender",
            "asked in interviews (0m, 6m), so it is no property of a person",
        ),
        (
            ("design", "levels", 1, "variable"),
            "score",
            "asked in interviews (0m, 6m), so it is no property of a person",
        ),
        (("design", "participant"), "supported", "asked in interviews (6m), so it is no property of a person"),
        (("design", "levels", 0, "variable"), "recruited_on", "a date can't name people or clusters"),
    ],
)
def test_variables_of_interviews_and_dates_place_nobody(tmp_path, key, name, said):
    (tmp_path / "raw").mkdir()
    for source in SOURCES.values():
        (tmp_path / source["file"]).write_text("", encoding="utf-8")
    (tmp_path / "raw/dictionary.csv").write_text(dictionary_text(), encoding="utf-8")
    usual = {path: one for path, one in USUAL.items() if path[0] == "design"}
    with pytest.raises(PlanError) as caught:
        check_plan(loaded(tmp_path, usual | {key: name}))
    assert said in str(caught.value)


def numbers_for(*names):
    """The study's dictionary, in which these variables are numbers."""
    return [(*one[:2], "text", one[3], "", "number", *one[6:]) if one[0] in names else one for one in VARIABLES]


def test_cluster_that_should_be_a_number_and_is_none_is_asked_about(tmp_path):
    """Oracle: without a rule for it the text reached the conversion to numbers."""
    files = {
        "teams": None,
        **{
            name: text.replace(",A,", ",1,").replace(",B,", ",2,")
            for name in ("participants", "baseline", "six_months")
            for text in changed(name).values()
        },
    }
    files["participants"] = files["participants"].replace("P02,1,", "P02,one?,")
    sources = {name: source for name, source in SOURCES.items() if name != "teams"}
    variables = [one for one in numbers_for("trust") if one[0] != "fidelity"]
    found = clean_study(tmp_path, files, variables, sources=sources)
    assert ("P02", "trust", "unknown_trust") in queries_of(found)
    assert found.participants.set_index("participant_id")["trust"].isna().sum() == 1
    assert participant_flow(found, plan_parts()[1]).not_placed == {"recruited": 1, "baseline": 1, "followup": 1}


def test_participant_numbers_that_the_dictionary_calls_numbers_are_names(tmp_path):
    found = clean_study(tmp_path, variables=numbers_for("participant_id"))
    assert list(found.participants["participant_id"]) == [f"P0{at}" for at in range(1, 7)]


def test_plan_without_clusters_says_what_speaks_of_them(tmp_path):
    plan = loaded(tmp_path, USUAL).content.model_dump(mode="json")
    plan["design"]["levels"] = []
    plan["models"]["ancova"] |= {"estimator": "ols_cr2", "cluster": "trust", "formula": "{outcome}_6m ~ arm"}
    plan["report"]["shown_first"] = ["A"]
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load_plan(tmp_path / "config.yaml")
    said = str(caught.value)
    assert "design.team_characteristics describes clusters, and design.levels names none" in said
    assert "report.shown_first names clusters" in said
    del plan["design"]["team_characteristics"]
    plan["report"]["shown_first"] = []
    plan["data"]["sources"] = {name: one for name, one in plan["data"]["sources"].items() if one["holds"] != "teams"}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load_plan(tmp_path / "config.yaml")
    assert "no level of clusters of this name (found 'trust'); allowed: participant_id" in str(caught.value)
