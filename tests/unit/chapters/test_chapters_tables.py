"""The tables of a study, as text."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from chapter_material import HOSTILE, LABELS, Words, estimates, labels, people, plan, results
from cpis_analysis.analyses.rows.coefficients import Part
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.cleaning.table import reconciliation_table, rules_table
from cpis_analysis.chapters.design.table import design_table
from cpis_analysis.chapters.experience.table import experience_table, experience_trust_table
from cpis_analysis.chapters.models.table import coefficient_words, model_table, tables
from cpis_analysis.chapters.outcomes.table import outcomes_table
from cpis_analysis.chapters.outcomes.table_models import outcome_models_table
from cpis_analysis.chapters.pending_exhibit import at_once
from cpis_analysis.chapters.people.table_baseline import baseline_table
from cpis_analysis.chapters.people.table_retention import retention_table
from cpis_analysis.chapters.practitioners.table import themes_table
from cpis_analysis.chapters.robustness.table import robustness_table
from cpis_analysis.disclosure.protect import protect_summaries
from cpis_analysis.disclosure.question_counts import Asked
from cpis_analysis.plan.contrast import Contrast
from cpis_analysis.publish.html import table_html
from cpis_analysis.study.describe import summaries
from cpis_analysis.words.contrast_words import words_of_contrast


@pytest.fixture(scope="module")
def frames():
    return protect_summaries(summaries(plan(), people()), 5, Asked(panels=("support",)))[0]


def line(table, begins):
    return next(row for row in table.to_text().splitlines() if row.strip().startswith(begins))


def test_baseline_text_is_as_reviewed(frames):
    table = baseline_table(frames["baseline"], frames["teams"], labels())
    assert table.columns[1].label == "Comparison (n = 42)"
    assert line(table, "Lives alone").split("|")[1:] != []
    assert "Missing" in table.to_text()
    assert line(table, "Number of teams").split("|")[1].strip() == "3"
    assert line(table, "Organised training").split("|")[2].strip() == "1 of 3"
    assert "per team: mean (SD); range" in table.to_text()
    assert "SMD" in table.columns[-1].label
    assert any("not formed at random" in note for note in table.notes)


def test_baseline_unprotected_frame_is_refused():
    s = summaries(plan(), people())
    with pytest.raises(ValueError, match="disclosure"):
        baseline_table(s["baseline"], s["teams"], labels())


def test_retention_counts_are_those_of_the_data(frames):
    table = retention_table(frames["retention"], labels())
    frame = people()
    lost = int((frame["has_0m"] & ~frame["has_6m"]).sum())
    assert table.columns[2].label == f"Lost to follow-up (n = {lost})"
    assert line(table, "Arm")


def test_outcomes_text_is_as_reviewed(frames):
    found = results()
    table = outcomes_table(frames["outcomes"], found, estimates(found), labels())
    assert [group.label for group in table.groups] == ["Social capital (RG-UK) (primary)", "Goal attainment"]
    first, second = table.groups[0].rows
    assert first.cells[0] == "Comparison"
    assert first.cells[4:] == ("", "")
    assert second.cells[4:] == ("0.25 (−3.25 to 3.75)", "0.25")
    assert len(table.columns) == 6
    gas = table.groups[1].rows
    assert gas[0].cells[2] == "–"
    assert gas[0].cells[1].startswith("–, ")
    assert gas[1].cells[5] == "0.08"
    assert "Holm" in " ".join(table.notes)


def test_models_behind_the_outcomes_are_as_reviewed():
    found = results()
    table = outcome_models_table(found, estimates(found), labels())
    first, gas = table.rows
    assert first.cells[2:] == ("0.25 (−3.25 to 3.75)", "7.3", "0.250", "–", "0.04 (−0.54 to 0.63)", "0.013", "0.034")
    assert gas.cells[3:6] == ("4", "0.083", "0.500")
    notes = " ".join(table.notes)
    assert "Kenward-Roger" in notes
    assert "(1 | trust:team)" in notes
    assert "Holm" in notes
    assert "a variance estimated at zero stays in" in notes


def test_models_behind_the_outcomes_infinite_df_and_no_teams():
    import dataclasses

    content = plan(design={"levels": [{"variable": "trust"}], "team_characteristics": []})
    found = [
        dataclasses.replace(r, estimate=dataclasses.replace(r.estimate, df=math.inf, n_teams=None, icc_team=None))
        for r in results(content)
    ]
    table = outcome_models_table(found, pd.DataFrame({"analysis": []}), labels(content))
    assert table.rows[0].cells[3] == "∞"
    assert [column.label for column in table.columns if column.group == "ICC"] == ["Trust"]
    assert "Adjusted p" not in [column.label for column in table.columns]


def test_model_text_is_as_reviewed():
    table = model_table(results()[0], labels())
    assert [group.label for group in table.groups] == [
        "Fixed part",
        "Size and fit",
        "Random part: standard deviation (variance)",
    ]
    assert line(table, "Arm: Implementation").split("|")[1:] == [
        "          0.250 ",
        "          1.500 ",
        " −3.250 to 3.750 ",
        " 7.3 ",
        " 0.17 ",
        " <0.001",
    ]
    assert line(table, "Trust × team").split("|")[1].strip() == "0.000 (0.000)"
    assert line(table, "REML log-likelihood").split("|")[1].strip() == "−402.35"
    assert table.notes[0] == "Formula: rguk_6m ~ arm + rguk_0m + (1 | trust) + (1 | trust:team)"
    assert "The fit converged." in table.notes


def test_model_tables_come_in_the_plans_order():
    found = results()
    assert [at_once(table).id for table in tables(Material(labels(), {}, found[::-1]))] == [
        "model-rguk-ancova",
        "model-rguk-change",
        "model-gas-post",
    ]


def test_coefficients_in_words():
    words = labels()
    assert coefficient_words((), words) == "Intercept"
    change = (Part("arm", "implementation"), Part("wave", "6m"))
    assert coefficient_words(change, words) == "Arm: Implementation × Wave: Six months"
    assert coefficient_words((Part("rguk_0m"),), words) == "Social capital (RG-UK), baseline"
    assert coefficient_words((Part("something", "a]:b[c"),), words) == "something: a]:b[c"


def test_robustness_headline_stands_first_and_strong():
    table = robustness_table(results()[:2][::-1], labels())
    assert [row.cells[0] for row in table.rows] == ["ANCOVA (headline)", "Change score"]
    assert [row.strong for row in table.rows] == [True, False]
    assert "The variance between teams was estimated as zero. (Change score)" in table.notes
    with pytest.raises(ValueError, match="one outcome"):
        robustness_table(results(), labels())


def test_contrast_of_change_in_words():
    words = labels()
    arms = Contrast("difference", "implementation", "comparison")
    assert words_of_contrast(arms, words) == "Implementation − Comparison"
    assert words_of_contrast(replace(arms, first="0m", last="6m"), words) == (
        "Implementation − Comparison, difference in change from baseline to six months"
    )


def test_design_totals_add_up(frames):
    table = design_table(frames["team_list"], labels())
    people_ = [tuple(int(cell) for cell in row.cells[-4:-1]) for row in table.rows]
    teams, totals = people_[:6], people_[6:]
    assert [sum(column) for column in zip(*teams, strict=True)] == list(totals[-1])
    assert [a + b for a, b in zip(totals[0], totals[1], strict=True)] == list(totals[2])
    assert [group.label for group in table.groups] == ["Trust A", "Trust B", "Trust C", "Totals"]


def test_experience_denominators_are_respondents(frames):
    table = experience_table(frames["experience"], labels())
    frame = people()
    answered = frame.loc[frame["arm"] == "implementation", "support_6m"].notna().sum()
    assert f"/{answered} (" in line(table, "Received support").split("|")[2]
    by_trust = experience_trust_table(frames["experience"], "support", labels())
    assert [row.cells[0] for row in by_trust.rows] == ["Trust A", "Trust B", "Trust C", "All"]


def test_themes_and_cleaning_hold_counts_only():
    themes = pd.DataFrame(
        {
            "theme": ["workload", "workload", "training"],
            "trust": ["A", "B", "A"],
            "arm": ["comparison", "implementation", "comparison"],
            "n_mentions": [3, 4, 9],
        }
    )
    table = themes_table(themes, labels())
    assert [row.cells for row in table.rows] == [
        ("Training", "9", "–", "9", "–", "9"),
        ("Workload", "3", "4", "3", "4", "7"),
    ]
    audit = pd.DataFrame(
        {
            "source": ["a", "a", "b"],
            "rule": ["white_space", "white_space", "dates"],
            "participant": ["P001", "P002", "P003"],
            "before": ["x", "y", "z"],
        }
    )
    rules = rules_table(audit, audit.iloc[:0], None)
    assert [row.cells for row in rules.rows] == [("White space", "2", "0", "2"), ("Dates", "0", "1", "1")]
    assert "P001" not in table_html(rules.block()) + rules.to_csv()
    given = pd.DataFrame({"source": ["a"], "file": ["a.csv"], "rows_in": [1200], "rows_out": [3]})
    account = reconciliation_table(given)
    assert account.rows[0].cells == ("a", "1,200", "3")


def test_every_table_escapes_hostile_labels():
    words = Words({name: HOSTILE for name in LABELS}, {"arm": {"comparison": HOSTILE, "implementation": "=1+1"}})
    content = plan(design={"levels": [{"variable": "trust", "label": HOSTILE}, {"variable": "team", "label": HOSTILE}]})
    names = labels(content, words)
    frames = protect_summaries(summaries(content, people()), 5, Asked(panels=("support",)))[0]
    found = results(content)
    tables = [
        baseline_table(frames["baseline"], frames["teams"], names),
        retention_table(frames["retention"], names),
        outcomes_table(frames["outcomes"], found, estimates(found), names),
        model_table(found[0], names),
        robustness_table(found[:2], names),
        design_table(frames["team_list"], names),
        experience_table(frames["experience"], names),
        experience_trust_table(frames["experience"], "support", names),
    ]
    for table in tables:
        assert "<script" not in table_html(table.block())
        assert not any(cell.startswith("=") for row in table.to_csv().splitlines() for cell in row.split(","))


def test_one_person_difference_of_the_data_changes_one_count(frames):
    frame = people()
    arm = (frame["arm"] == "comparison") & frame["has_0m"]
    place = frame.index[arm & (frame["lives_alone"] == "yes")][0]
    frame.loc[place, "lives_alone"] = "no"
    again = protect_summaries(summaries(plan(), frame), 5, Asked(panels=("support",)))[0]
    before, after = (f["baseline"].set_index(["variable", "code", "group"])["count"] for f in (frames, again))
    changed = (before != after) & ~(before.isna() & after.isna())
    assert np.unique(changed[changed].index.get_level_values(0)).tolist() == ["lives_alone"]
