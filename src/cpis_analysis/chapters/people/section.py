"""Sections on people: flow, design, baseline, retention, missing data, experience, focus groups."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cpis_analysis.chapters.design.sentences import design_sentences, fragility_sentence
from cpis_analysis.chapters.experience.figure import drawn_differences
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.people.sentences import (
    balance_sentences,
    experience_interval_sentences,
    experience_sentences,
    flow_sentence,
    followup_sentences,
    missing_analysis_sentences,
    missing_sentences,
    people_counts,
    screening_sentence,
    theme_sentences,
)
from cpis_analysis.chapters.tipping.content import tipping_points
from cpis_analysis.chapters.tipping.sentences import nothing_to_shift_sentence, tipping_paragraphs
from cpis_analysis.publish.format import one_line
from cpis_analysis.words.refusals import refused_sentence
from cpis_analysis.words.wording import capitalised

__all__ = [
    "baseline",
    "design",
    "experience",
    "flow_text",
    "focus_groups",
    "followup_text",
    "missing",
    "participants",
    "retention",
    "summary",
]


def summary(page: Page, name: str) -> pd.DataFrame:
    """A summary; without rows where the study has none."""
    return page.content.summaries.get(name, pd.DataFrame())


def flow_text(page: Page) -> str:
    """The sentence on recruitment and follow-up."""
    analysed = page.primary[0].estimate.n_participants if page.primary else None
    flow = page.content.flow
    # the audit counts people whose arm and cluster are known; recruited were all
    counts = flow.get("overall") or people_counts(page.content.design_audit["arms"])
    not_placed = int(flow.get("not_placed", {}).get("recruited", 0))
    return flow_sentence(counts, page.clusters, page.words, analysed, not_placed)


def followup_text(page: Page) -> tuple[str, ...]:
    """Sentences on follow-up by group."""
    audit = page.content.design_audit
    return followup_sentences(audit["arms"], audit["cells"], page.words)


def participants(page: Page) -> dict[str, Any]:
    """Who took part: the study in a paragraph, recruitment, follow-up, the flow diagram."""
    return {
        "description": page.content.plan.study.description,
        "sentences": [
            text
            for text in (
                screening_sentence(page.content.flow.get("screening"), page.words),
                flow_text(page),
                *followup_text(page),
            )
            if text
        ],
        "figures": page.figures("flow"),
        "tables": page.tables("flow", "losses", "participants"),
    }


def design(page: Page) -> dict[str, Any]:
    """How arms and clusters relate, and what evidence that leaves."""
    audit, labels = page.content.design_audit, page.labels
    tables = page.tables("design", "clusters", "allocation")
    return {
        "sentences": [
            text
            for text in (
                *design_sentences(audit, page.words, page.primary[0] if page.primary else None),
                fragility_sentence(audit, page.words),
            )
            if text
        ],
        "warnings": [one_line(text) for text in audit["warnings"]],
        "tables": tables,
        "figures": page.figures("design", "clusters"),
        # without an exhibit of its own the audit is shown as it is
        "cells": []
        if tables
        else [
            {**cell, "place": labels.team(cell["trust"], cell["team"]), "arm": labels.arm(cell["arm"])}
            for cell in audit["cells"]
        ],
        "place": capitalised(page.words.team or page.words.trust),
        "degrees": audit["degrees_of_freedom"],
    }


def baseline(page: Page) -> dict[str, Any] | None:
    """Baseline characteristics by arm; None where there are none."""
    frame = summary(page, "baseline")
    content = {
        "sentences": balance_sentences(frame, page.words) if len(frame) else (),
        "tables": page.tables("baseline", "teams"),
        "figures": page.figures("baseline", "balance"),
    }
    return content if any(content.values()) else None


def retention(page: Page) -> dict[str, Any] | None:
    """People followed up beside people lost; None without a table or figure of it."""
    content = {"tables": page.tables("retention", "lost"), "figures": page.figures("retention")}
    return {**content, "sentences": followup_text(page)} if any(content.values()) else None


def missing(page: Page) -> dict[str, Any] | None:
    """Missing data by arm and wave; None where nothing is tabulated."""
    name = page.primary[0].spec.outcome if page.primary else None
    content = {
        "sentences": missing_sentences(summary(page, "missing"), name, page.words) if name else (),
        "used": [text for head in page.primary[:1] for text in missing_analysis_sentences(head, page.words)],
        "tables": page.tables("missing", "missingness"),
        "figures": page.figures("missing", "missingness"),
        "shifts": _shifts(page),
    }
    return content if any(content[key] for key in ("sentences", "tables", "figures", "shifts")) else None


def _shifts(page: Page) -> list[dict[str, Any]]:
    """Tipping-point analyses, an outcome each: its label, paragraphs, figure and table."""
    found = tipping_points(page.content.results, page.labels)
    shown = [
        {
            "outcome": page.labels.outcome(name),
            "paragraphs": tipping_paragraphs(analyses, page.words),
            "figures": page.figures(f"tipping-{name.replace('_', '-')}"),
            "tables": page.tables(f"tipping-{name.replace('_', '-')}"),
        }
        for name, analyses in found.items()
    ]
    refused = [
        refused_sentence(result, page.words, "tipping-point analysis")
        for result in page.content.results
        if result.spec.tipping_point and not result.estimable
    ]
    nothing = [text for result in page.content.results if (text := nothing_to_shift_sentence(result, page.words))]
    return [
        *shown,
        *(
            {"outcome": "", "paragraphs": [[text]], "figures": [], "tables": []}
            for text in dict.fromkeys([*nothing, *refused])
        ),
    ]


def experience(page: Page) -> dict[str, Any] | None:
    """Experience of support at follow-up, with differences between the arms; None where the plan asks for none."""
    differences = summary(page, "differences")
    found = drawn_differences(differences) if len(differences) else {}
    content = {
        "sentences": experience_sentences(summary(page, "experience"), page.words),
        "intervals": experience_interval_sentences(found, page.words),
        "tables": page.tables("experience"),
        "figures": page.figures("experience"),
    }
    return content if any(content.values()) else None


def focus_groups(page: Page) -> dict[str, Any] | None:
    """Themes of focus groups; None where the study has none."""
    content = {
        "sentences": theme_sentences(summary(page, "themes"), page.words),
        "tables": page.tables("themes", "focus-groups"),
        "figures": page.figures("themes", "focus-groups"),
    }
    return content if any(content.values()) else None
