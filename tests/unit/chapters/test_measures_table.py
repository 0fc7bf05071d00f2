"""The table of measures says what the plan and the instruments say, and nothing that nobody agreed on."""

from cpis_analysis.chapters.measures.table import measures_table
from cpis_analysis.instruments.registry import INSTRUMENTS
from cpis_analysis.words.labels import Labels
from report_material import CLINIC_WORDS, TEAM_WORDS, clinic_plan, team_plan


def cells(plan, words):
    table = measures_table(Labels(plan, words))
    return {
        row.cells[0]: dict(zip([column.label for column in table.columns], row.cells, strict=True))
        for row in table.rows
    }


def test_measures_name_instruments_in_full_with_range_direction_and_what_matters():
    outcomes = team_plan().model_dump()["outcomes"]
    outcomes["score"] |= {"low_means": "None at all", "high_means": "all of it", "short_label": "S"}
    rows = cells(team_plan(outcomes=outcomes), TEAM_WORDS)
    first, second = rows.values()
    assert first["Full name"] == INSTRUMENTS["qpr"].label
    assert first["Questions"] == str(len(INSTRUMENTS["qpr"].items)) == "15"
    assert first["Range"] == "0 (none at all) to 27 (all of it)"
    assert first["Difference that matters"] == "none agreed"
    assert second["Difference that matters"] == "4 points"
    assert "Higher is" not in first
    assert "Higher is better on every scale." in measures_table(Labels(team_plan(outcomes=outcomes), TEAM_WORDS)).notes
    outcomes["score"]["higher_is"] = "worse"
    assert sorted(row["Higher is"] for row in cells(team_plan(outcomes=outcomes), TEAM_WORDS).values()) == [
        "better",
        "worse",
    ]
    assert next(iter(rows)).endswith(", primary")


def test_measures_without_an_instrument_and_with_an_open_end():
    (row,) = cells(clinic_plan(), CLINIC_WORDS).values()
    assert (row["Full name"], row["Range"]) == ("Pocket depth (mm)", "0 to 8")
    assert "Questions" not in row
    assert "Higher is worse." in measures_table(Labels(clinic_plan(), CLINIC_WORDS)).notes
    plan = clinic_plan().model_dump()
    plan["outcomes"]["pd"] |= {"high": None, "minimal_important_difference": 0.25}
    (row,) = cells(type(clinic_plan()).model_validate(plan), CLINIC_WORDS).values()
    assert (row["Range"], row["Difference that matters"]) == ("–", "0.25")
