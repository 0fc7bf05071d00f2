"""Sections on results: key findings, outcomes, robustness, models, diagnostics."""

from __future__ import annotations

from typing import Any

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.equivalence.sentences import equivalence_agreement, equivalence_sentences
from cpis_analysis.chapters.findings.sentences import key_findings
from cpis_analysis.chapters.models.sentences import icc_sentences, zero_variance_sentence
from cpis_analysis.chapters.models.sentences_diagnostics import diagnostic_sentences
from cpis_analysis.chapters.outcomes.sentences import (
    difference_sentence,
    importance_sentence,
    interval_sentence,
    primary_paragraphs,
    unusable_sentence,
    usable,
)
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.people.section import flow_text, followup_text, summary
from cpis_analysis.chapters.people.sentences import experience_sentences, theme_sentences
from cpis_analysis.chapters.process.sentences_lock import headline_sentence, planned_sentences
from cpis_analysis.chapters.robustness.explorer import explorer
from cpis_analysis.chapters.robustness.sentences import robustness_sentences, secondary_sentences
from cpis_analysis.chapters.two_methods.content import all_anchors
from cpis_analysis.chapters.two_methods.sentences import anchor_sentences
from cpis_analysis.publish.exhibit_id import slug

__all__ = ["diagnostics", "key_findings_section", "models", "outcomes", "robustness"]


KINDS = ("trajectories", "team-means", "team-risks", "spread")
"""Figures of one outcome, in the order in which they stand."""


def key_findings_section(page: Page) -> dict[str, Any]:
    """The findings in plain words, made from the numbers."""
    mark = page.mark(page.primary[0].spec.outcome) if page.primary else ""
    return {
        "mark": mark.strip(),
        "findings": key_findings(
            page.words,
            page.content.design_audit,
            flow=flow_text(page),
            followup=followup_text(page),
            primary=page.primary,
            secondary=page.secondary,
            adjusted=page.adjusted,
            planned=planned_sentences(page.content.lock, page.primary[0].spec.outcome if page.primary else ""),
            experience=experience_sentences(summary(page, "experience"), page.words),
            themes=theme_sentences(summary(page, "themes"), page.words),
            mark=mark,
        ),
    }


def outcomes(page: Page) -> dict[str, Any] | None:
    """Each outcome with its headline result; None without results."""
    if not page.results:
        return None
    return {
        "primary": [
            {
                "label": page.labels.outcome(head.spec.outcome) + page.mark(head.spec.outcome),
                "paragraphs": [
                    paragraph
                    for paragraph in (
                        *primary_paragraphs(head, page.words),
                        equivalence_sentences(head, page.words),
                        (*icc_sentences(head, page.words), *filter(None, [zero_variance_sentence([head], page.words)])),
                    )
                    if paragraph
                ],
                "estimand": page.estimand(head),
                "made": page.how_made(head, programs=True),
            }
            for head in page.primary[:1]
        ],
        "tables": page.tables("outcomes"),
        "anchors": {
            "sentences": anchor_sentences(all_anchors(page.results), page.words),
            "tables": page.tables("anchors"),
        },
        "figures": page.figures(
            "forest", "risk-differences", "outcomes", *(_of(head, kind) for head in page.primary[:1] for kind in KINDS)
        ),
        "secondary_sentences": secondary_sentences(page.secondary, page.words, page.adjusted),
        "secondary": [
            {
                "label": page.labels.outcome(head.spec.outcome) + page.mark(head.spec.outcome),
                "sentences": _short(head, page),
                "made": page.how_made(head, programs=True),
                "figures": page.figures(*(_of(head, kind) for kind in KINDS), folded=True),
            }
            for head in page.secondary
        ],
        "marked": any(page.mark(name) for name in page.results),
    }


def robustness(page: Page) -> dict[str, Any] | None:
    """The models of each outcome beside each other; None where an outcome has one model only."""
    panels = [
        {
            "label": page.labels.outcome(name) + page.mark(name),
            "sentences": [
                *robustness_sentences(rows, page.words),
                *filter(None, [equivalence_agreement(rows, page.words)]),
            ],
            "tables": page.tables(_of(rows[0], "robustness"), folded=rows is not page.primary),
            "figures": page.figures(
                _of(rows[0], "robustness"), _of(rows[0], "specifications"), folded=rows is not page.primary
            ),
            "folded": rows is not page.primary,
        }
        for name, rows in page.results.items()
        if len(rows) > 1
    ]
    content = {
        "panels": [panel for panel in panels if panel["sentences"] or panel["tables"] or panel["figures"]],
        "tables": page.tables("robustness", "sensitivity", "contrasts"),
        "figures": page.figures("robustness", "sensitivity"),
        "explorer": explorer(page),
    }
    if not any(content.values()):
        return None
    primary = page.primary[0].spec.outcome if page.primary else ""
    return content | {"chosen": headline_sentence(page.content.lock, primary)}


def models(page: Page) -> dict[str, Any] | None:
    """Formula, coefficients and variances of every model; None without results."""
    if not page.every:
        return None
    return {
        "tables": [
            *(page.tables(_table_of(page.primary[0])) if page.primary else []),
            *page.tables("models", "variances"),
        ],
        "iccs": [
            {"label": page.labels.outcome(head.spec.outcome), "sentences": icc_sentences(head, page.words)}
            for head in page.headlines
            if icc_sentences(head, page.words)
        ],
        "zero": zero_variance_sentence(page.headlines, page.words),
        "outcomes": [
            {
                "label": page.labels.outcome(name) + page.mark(name),
                "made": [
                    {"list": page.how_made(row), "tables": page.tables(_table_of(row), folded=True)} for row in rows
                ],
            }
            for name, rows in page.every.items()
        ],
    }


def diagnostics(page: Page) -> dict[str, Any] | None:
    """Warnings and residuals of the fits; None where there is nothing to show."""
    messages = [
        {
            "name": f"{page.labels.outcome_short(row.spec.outcome)}: {page.labels.model(row.spec.model)}",
            "messages": list(dict.fromkeys([*row.estimate.warnings, *row.messages])),
        }
        for rows in page.results.values()
        for row in rows[:1]
    ]
    content = {
        "sentences": [*diagnostic_sentences(page.primary[0], page.words)] if page.primary else [],
        "tables": page.tables("diagnostics"),
        "figures": page.figures(*(f"diagnostics-{slug(row.spec.name)}" for row in page.primary)),
        "folded": page.figures("diagnostics", folded=True),
        "messages": [entry for entry in messages if entry["messages"]],
    }
    return content if any(content.values()) else None


def _table_of(result: AnalysisResult) -> str:
    """Id of the table with the details of an analysis."""
    return f"model-{slug(result.spec.name)}"


def _of(result: AnalysisResult, kind: str) -> str:
    """Id of an exhibit of a result's outcome."""
    return f"{kind}-{slug(result.spec.outcome)}"


def _short(head: AnalysisResult, page: Page) -> list[str]:
    if not usable(head):
        return [unusable_sentence(head, page.words)]
    parts = [
        difference_sentence(head, page.words),
        interval_sentence(head, page.words),
        importance_sentence(head, page.words),
        *equivalence_sentences(head, page.words),
    ]
    return [part for part in parts if part]
