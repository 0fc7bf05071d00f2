"""The panel as a table: estimate, interval, p-value and what each test takes for granted."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.robustness.panel import Panel, panels_of
from cpis_analysis.methods import degrees_of, method_of
from cpis_analysis.plan.naming import plural, study_words
from cpis_analysis.publish.format import DASH, capital, count, level_words, p_value
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import by_outcome
from cpis_analysis.words.scales import ci_heading, interval_cell, outcome_digits, shown_cell


def panel_table(panel: Panel, labels: Labels) -> Table:
    """Set the tests of one outcome, in the plan's order."""
    head = panel.tests[0]
    decimals = outcome_digits(panel.outcome, labels, None, head).difference
    columns = (
        Column("Test", align="left", width=2.6),
        Column(ci_heading("Difference", panel.tests), width=2.4),
        Column("p", width=0.8),
        Column("Smallest p", width=0.9),
        Column("Resamples", width=0.9),
        Column("Takes for granted that", align="left", width=3.4),
    )
    rows = tuple(_row(one, head, labels, decimals) for one in panel.tests)
    notes = [
        f"One question, the same {labels.people}. Smallest p: the least that a test by resampling can give with so "
        "many resamples; a difference could not come out smaller however large it is.",
        *(_without_ends(one, labels, decimals) for one in panel.tests if "attainable_level" in one.resampling),
        *(f"{capital(labels.model(one.spec.model))}: {degrees_of(one.spec).tabled}." for one in panel.compared(False)),
        *(f"Left out: {labels.model(one.spec.model)}, because {_clause(why)}." for one, why in panel.left_out),
    ]
    return Table(
        f"panel-{panel.outcome.replace('_', '-')}",
        f"{labels.outcome(panel.outcome)}: one difference by tests that take different things for granted",
        columns,
        (RowGroup("", rows),),
        tuple(notes),
    )


def _row(one: AnalysisResult, head: AnalysisResult, labels: Labels, decimals: int) -> Row:
    about = one.resampling
    cells = (
        labels.model(one.spec.model) + (" (headline)" if one is head else ""),
        shown_cell(one.estimate, one.scale, decimals),
        p_value(one.estimate.p_value),
        p_value(about["smallest_p"]) if about else DASH,
        count(about["n"]) if about else DASH,
        study_words(labels.person)(
            method_of(one.spec).granted(one.spec).format(trust=labels.trust_word, trusts=plural(labels.trust_word))
        ),
    )
    return Row(cells, strong=one is head)


def _without_ends(one: AnalysisResult, labels: Labels, decimals: int) -> str:
    about = one.resampling
    ends = interval_cell(about["attainable_low"], about["attainable_high"], one.scale, decimals)
    return (
        f"{capital(labels.model(one.spec.model))}: with so few {about['kind']} no value can be rejected at this level; "
        f"its {level_words(about['attainable_level'])} CI is {ends}."
    )


def _clause(reason: str) -> str:
    """A sentence as the clause of another."""
    return reason[:1].lower() + reason[1:] if reason[:2] in ("Th", "In") else reason


def tables(material: Material) -> Iterator[Table]:
    """One table for each outcome with a panel."""
    for panel in panels_of(by_outcome(material.results, material.labels), material.labels):
        yield panel_table(panel, material.labels)
