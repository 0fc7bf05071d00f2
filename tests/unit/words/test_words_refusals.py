"""An analysis that could not be estimated, wherever results are shown: named with its reason, and never a number."""

import dataclasses
import html
import re

import pytest

from chapter_material import labels, refused, results
from cpis_analysis.chapters.models.table import model_table
from cpis_analysis.chapters.moderators.sentences import moderator_paragraphs
from cpis_analysis.chapters.moderators.table import contrasts_table, moderators_table
from cpis_analysis.chapters.robustness.sentences import range_sentences
from cpis_analysis.chapters.robustness.table import robustness_table
from cpis_analysis.plan.specification import ContrastSpec
from cpis_analysis.report.summary import summary_document, summary_page
from cpis_analysis.words.labels import Labels
from report_material import TEAM_WORDS, result, team_content, team_plan, whole_report, wording

REASON = "gender = other can't be told apart"
THREE = ["ancova", "fixed", "third"]


def three_models():
    """A headline and two beside it; the last was refused."""
    content = team_plan(
        outcomes={
            **team_plan().model_dump(mode="json", exclude_defaults=True)["outcomes"],
            "score": {"label": "Access to help (total)", "role": "primary", "low": 0, "high": 27, "models": THREE},
        },
        models={"third": {"label": "Third way", "formula": "{outcome}_6m ~ arm + gender + (1 | trust:team)"}},
    )
    made = [
        result(plan=content),
        result(0.4, -1.5, 2.3, p=0.6, model="fixed", plan=content),
        refused(result(model="third", plan=content)),
    ]
    return content, made


def row_of(table, model):
    return next(row.cells for group in table.groups for row in group.rows if row.cells[0].startswith(model))


def test_robustness_table_says_so_in_the_row_and_why_in_a_note():
    found = results()
    found[1] = refused(found[1])
    table = robustness_table(found[:2], labels())
    cells = row_of(table, "Change score")
    assert "not estimable" in cells
    assert not [cell for cell in cells[1:] if re.search(r"\d", cell)]
    assert f"Not estimable (Change score): {REASON}." in table.notes
    assert "did not converge" not in " ".join(table.notes)
    assert "not estimable" not in row_of(robustness_table(results()[:2], labels()), "Change score")


def test_model_table_holds_the_reason_and_no_number():
    table = model_table(refused(results()[1]), labels())
    assert [row.cells[0] for group in table.groups for row in group.rows] == ["Not estimable"]
    assert f"Not estimable: {REASON}." in table.notes
    assert "What may help: leave it out." in table.notes


def test_range_sentences_count_what_could_be_estimated():
    _, made = three_models()
    said = range_sentences(made, wording())
    assert said[0].startswith("Estimates run from 0.4 to 1.2 points")
    assert said[-2:] == (
        "Two of three analyses of access to help (total) could be estimated.",
        f"The analysis of access to help (total) by the model “third” could not be estimated: {REASON}.",
    )
    only = range_sentences([made[0], made[2]], wording())
    assert only[0] == "One of two analyses of access to help (total) could be estimated."
    assert len(only) == 2
    assert not any("could" in text for text in range_sentences(made[:2], wording()))


def test_page_and_summary_stand_with_a_refused_analysis():
    content, made = three_models()
    mood = result(2.0, -1.0, 5.0, outcome="mood", sd=10.0, plan=content)
    shown = team_content(plan=content, results=[*made[:2], mood, made[2]])
    text = whole_report(shown)
    assert f"could not be estimated: {html.escape(REASON)}." in text
    assert "nothing: the analysis is not estimable" in text
    assert not re.search(r"\bnan\b|None people", text)
    assert not re.search(r"\bnan\b|None people", summary_page(summary_document(shown)))


def moderated(measure):
    spec = dataclasses.replace(
        result().spec,
        effect="arm:age" if measure == "interaction" else "arm",
        formula="score_6m ~ arm * age + (1 | trust:team)",
        contrasts=(ContrastSpec("moderator", moderator="age"),),
    )
    return refused(dataclasses.replace(result(), spec=spec))


@pytest.mark.parametrize("measure", ["interaction", "mean difference at one level"])
def test_moderator_that_could_not_be_estimated_is_said_and_tabulated(measure):
    one = moderated(measure)
    assert one.estimate.measure == measure
    assert moderator_paragraphs(one, wording()) == (
        (f"The analysis of access to help (total) by the model “ANCOVA” could not be estimated: {REASON}.",),
    )
    table = moderators_table([one], Labels(team_plan(), TEAM_WORDS))
    assert "not estimable" in table.groups[0].rows[0].cells
    assert f"Not estimable (ANCOVA): {REASON}." in table.notes
    assert "people" not in " ".join(table.notes)


def test_further_contrasts_that_could_not_be_estimated_keep_their_place():
    spec = dataclasses.replace(result().spec, contrasts=(ContrastSpec("joint", terms=("arm",)),))
    table = contrasts_table([refused(dataclasses.replace(result(), spec=spec))], Labels(team_plan(), TEAM_WORDS))
    assert "not estimable" in table.groups[0].rows[0].cells
