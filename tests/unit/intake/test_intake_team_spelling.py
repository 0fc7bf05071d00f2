"""Spelling of trusts and teams: repaired only towards a single known name, teams within their trust."""

import pytest

from cpis_analysis.intake.rules.team_spelling import match_name
from intake_study import FILES, SOURCES, VARIABLES, aside_of, audit_of, changed, clean_study, queries_of

TRUSTS = {"A": "Trust A", "B": "Trust B"}
TEAMS = {"North": "North team", "South": "South team"}


@pytest.mark.parametrize(
    ("text", "name", "how"),
    [
        ("North", "North", "kept"),
        ("north", "North", "same"),
        ("North team", "North", "same"),
        ("NORTH  TEAM", "North", "same"),
        ("Norht tem", "North", "close"),
        ("Nort", "North", "close"),
        ("Souuth", "South", "close"),
        ("Nouth", "", "several"),
        ("East", "", "none"),
        ("team", "", "none"),
        ("N", "", "none"),
    ],
)
def test_team_name_matching_by_hand(text, name, how):
    match = match_name(text, TEAMS, 0.8, "team")
    assert (match.name, match.how) == (name, how)


@pytest.mark.parametrize(
    ("text", "name"),
    [("a", "A"), ("Trust A", "A"), ("Turst A", "A"), ("trustB", "B"), ("Trust C", ""), ("Trust", ""), ("AB", "")],
)
def test_trust_name_of_one_letter_is_never_guessed(text, name):
    assert match_name(text, TRUSTS, 0.8, "trust").name == name


def test_team_misspelt_in_log_and_interviews_is_repaired(tmp_path):
    files = changed("participants", ("P01,A,North", "P01,trust a,Nort")) | changed(
        "baseline", ("P01,2018-03-01,A,North", "P01,2018-03-01, A,NORTH ")
    )
    result = clean_study(tmp_path, files)
    assert result.participants.loc[0, ["trust", "team"]].tolist() == ["A", "North"]
    assert audit_of(result, "team") == [
        ("P01", "Nort", "North", "team_spelling"),
        ("P01", "NORTH ", "NORTH", "white_space"),
        ("P01", "NORTH", "North", "team_spelling"),
    ]
    assert audit_of(result, "trust") == [("P01", "trust a", "A", "trust_spelling"), ("P01", " A", "A", "white_space")]
    assert queries_of(result) == []


def test_team_alike_to_two_is_asked_and_missing(tmp_path):
    result = clean_study(tmp_path, changed("participants", ("P01,A,North", "P01,A,Nouth")))
    assert queries_of(result) == [("P01", "team", "unknown_team")]
    assert result.participants["team"].isna().tolist() == [True] + [False] * 5
    assert "North or South" in result.queries["question"].iloc[0]


def test_team_of_another_trust_is_not_taken(tmp_path):
    teams = FILES["teams"].replace("B,South,implementation,60\n", "B,East,implementation,60\n")
    variables_team = FILES["participants"].replace("B,South", "B,East")
    files = {
        "teams": teams,
        "participants": variables_team.replace("P04,B,East", "P04,B,South"),
        "baseline": FILES["baseline"].replace("B,South", "B,East"),
        "six_months": FILES["six_months"].replace("B,South", "B,East"),
    }
    variables = [
        (*row[:4], "North, North team | South, South team | East, East team", *row[5:]) if row[0] == "team" else row
        for row in VARIABLES
    ]
    result = clean_study(tmp_path, files, variables)
    assert queries_of(result) == [("P04", "team", "unknown_team")]
    assert "no known team of trust B (North, East)" in result.audit["reason"].iloc[0]


def test_threshold_of_the_plan_decides(tmp_path):
    files = changed("participants", ("P01,A,North", "P01,A,Nort"))
    strict = clean_study(tmp_path, files, cleaning={"match_threshold": 0.95})
    assert queries_of(strict) == [("P01", "team", "unknown_team")]


def test_team_list_is_repaired_against_the_codes(tmp_path):
    result = clean_study(tmp_path, changed("teams", ("A,North", "trust A,north")))
    assert result.teams.loc[0, ["trust", "team"]].tolist() == ["A", "North"]
    assert queries_of(result) == []
    assert aside_of(result) == []


def test_places_without_codes_or_list_take_the_usual_spelling(tmp_path):
    variables = [
        (
            name,
            form,
            "text" if name in ("trust", "team") else kind,
            label,
            "" if name in ("trust", "team") else choices,
            *rest,
        )
        for name, form, kind, label, choices, *rest in VARIABLES
        if name != "fidelity"
    ]
    sources = {name: source for name, source in SOURCES.items() if name != "teams"}
    files = changed("participants", ("P01,A,North", "P01,A,NORTH")) | {"teams": None}
    result = clean_study(tmp_path, files, variables, sources=sources)
    assert audit_of(result, "team") == [("P01", "NORTH", "North", "team_spelling")]
    assert str(result.participants["team"].dtype) == "str"
