"""Abbreviations are spelled out once, where they are first read, and nowhere else."""

import pytest

from cpis_analysis.publish.blocks import (
    Bullets,
    Chart,
    Folded,
    Heading,
    Paragraph,
    Run,
    Section,
    Verdict,
    plain,
)
from cpis_analysis.publish.chart.drawing_marks import Drawing
from cpis_analysis.publish.html import blocks_html
from cpis_analysis.publish.sources.ledger import open_ledger, quoted, unmarked
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.report.spelled import Speller
from cpis_analysis.words.abbreviations import abbreviations
from cpis_analysis.words.labels import Labels
from report_material import TEAM_WORDS, team_content, team_plan, whole_report

KNOWN = {"WEMWBS": "Warwick-Edinburgh Mental Well-being Scale", "GAS": "Goal attainment scaling", "QPR-15": "Recovery"}


def said(text, known=KNOWN):
    (block,) = Speller(known).blocks([Paragraph((Run(text),))])
    return plain(block.line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "None in GAS T, WEMWBS. GAS again.",
            "None in goal attainment scaling (GAS) T, Warwick-Edinburgh Mental Well-being Scale (WEMWBS). GAS again.",
        ),
        ("GAS first", "Goal attainment scaling (GAS) first"),
        ("It rose. GAS fell", "It rose. Goal attainment scaling (GAS) fell"),
        ("wellbeing (WEMWBS) rose", "wellbeing (Warwick-Edinburgh Mental Well-being Scale, WEMWBS) rose"),
        ("goal attainment scaling, by GAS", "goal attainment scaling, by GAS"),
        ("GASES, MEGAS, GAS-T and S-GAS", "GASES, MEGAS, GAS-T and S-GAS"),
        ("QPR-15, not QPR-155", "Recovery (QPR-15), not QPR-155"),
    ],
)
def test_abbreviation_is_spelled_out_in_its_sentence(text, expected):
    assert said(text) == expected
    assert said(text, {}) == text


def test_abbreviation_in_an_exhibit_is_told_in_its_note_and_later_no_more():
    table = Table("t", "C", (Column("Measure"),), (RowGroup("", (Row(("GAS",)),)),), ("Own.",)).block()
    chart = Chart("figure-c", "", "GAS and WEMWBS", "", "", Drawing((), 1.0), note="Own.")
    verdict = Verdict("q", "a", (Run("QPR-15 rose"),), chart)
    first, _, second, third, last = Speller(KNOWN).blocks(
        [table, Heading(1, "h"), verdict, Bullets(((Run("GAS"),), (Run("WEMWBS"),))), Paragraph((Run("QPR-15"),))]
    )
    assert first.notes == ("Own.", "GAS: Goal attainment scaling.")
    assert plain(second.lede) == "Recovery (QPR-15) rose"
    assert second.picture.note == "Own. WEMWBS: Warwick-Edinburgh Mental Well-being Scale."
    assert [plain(line) for line in third.lines] == ["GAS", "WEMWBS"]
    assert plain(last.line) == "QPR-15"


def test_page_tells_an_abbreviation_to_a_pointer_once_a_section_and_leaves_links_alone():
    line = (Run("GAS, GAS, "), Run("GAS", target="there"))
    sections = Speller(KNOWN).sections(
        [Section("one", "One", (Paragraph(line),)), Section("two", "Two", (Paragraph(line),))]
    )
    for section in sections:
        text = blocks_html(section.blocks)
        assert text.count('<abbr title="Goal attainment scaling">GAS</abbr>') == 1
        assert '<a href="#there">GAS</a>' in text
    folded = Folded("more", (Paragraph((Run("GAS"),)),))
    assert list(Speller(KNOWN).blocks([folded])) == [folded]


def test_numbers_in_abbreviations_keep_their_marks():
    with open_ledger():
        text = quoted("QPR-15", "a.csv", "r", "c")
        (block,) = Speller(KNOWN).blocks([Paragraph((Run(f"{text} rose"),))])
    assert text in plain(block.line)
    assert unmarked(plain(block.line)) == "Recovery (QPR-15) rose"


def test_abbreviations_are_those_of_the_instruments_and_of_the_plan():
    plan = team_plan()
    report = plan.report.model_copy(update={"abbreviations": {"NHS": "National Health Service", "CI": "our own"}})
    known = abbreviations(Labels(plan.model_copy(update={"report": report}), TEAM_WORDS))
    assert known["QPR-15"] == "Questionnaire about the Process of Recovery"
    assert (known["NHS"], known["CI"]) == ("National Health Service", "our own")
    assert known["ANCOVA"] == "analysis of covariance"


def test_report_spells_out_what_its_plan_explains():
    plan = team_plan()
    report = plan.report.model_copy(update={"abbreviations": {"NHS": "National Health Service"}})
    study = plan.study.model_copy(update={"description": "Teams of the NHS took part."})
    page = whole_report(team_content(plan=plan.model_copy(update={"report": report, "study": study})))
    assert "Teams of the National Health Service (<abbr" in page
