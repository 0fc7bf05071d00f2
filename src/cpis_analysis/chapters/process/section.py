"""Sections on how the results came about: measures, cleaning, methods, limitations, provenance."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cpis_analysis.chapters.design.sentences import limitation_sentences
from cpis_analysis.chapters.models.sentences import method_sentences, policy_sentence
from cpis_analysis.chapters.outcomes.sentences import association_sentence
from cpis_analysis.chapters.page import MARK, Page
from cpis_analysis.chapters.process.sentences_lock import deviation_sentences
from cpis_analysis.publish.format import count, is_missing, one_line
from cpis_analysis.runs.deviations import deviation_rows
from cpis_analysis.words.wording import capitalised

__all__ = ["cleaning", "deviations", "further", "limitations", "measures", "methods", "provenance"]


def measures(page: Page) -> dict[str, Any] | None:
    """Which instruments were scored, by which rules, and which of these are unverified."""
    frame = page.content.scoring
    tables = page.tables("scoring", "measures")
    if (frame is None or frame.empty) and not tables:
        return None
    return {
        "tables": tables,
        "figures": page.figures("scoring", "measures"),
        "scores": [] if frame is None or tables else _scores(frame, page),
        "notes": [
            {"label": page.labels.variable(name), "note": one_line(note)} for name, note in page.unverified.items()
        ],
        "mark": MARK,
    }


def cleaning(page: Page) -> dict[str, Any] | None:
    """What cleaning changed and set aside; None where nothing is tabulated."""
    content = {
        "tables": page.tables("cleaning", "reconciliation", "audit", "queries"),
        "figures": page.figures("cleaning"),
        "counts": [(capitalised(one_line(name)), count(value)) for name, value in page.content.cleaning.items()],
        "frame": None,
    }
    frame = page.content.reconciliation
    if frame is not None and len(frame) and not content["tables"]:
        content["frame"] = _plain(frame)
    return content if any(content.values()) else None


def further(page: Page) -> dict[str, Any] | None:
    """Tables and figures that no other section has shown."""
    tables, figures = page.rest()
    return {"tables": tables, "figures": figures} if tables or figures else None


def methods(page: Page) -> dict[str, Any] | None:
    """How the estimates were made, in words; None without a primary result."""
    if not page.primary:
        return None
    adjusted = dict.fromkeys(method for _, method in page.adjusted.values())
    return {
        "estimand": page.estimand(page.primary[0]),
        "policy": policy_sentence(page.words),
        "sentences": method_sentences(page.primary, page.words),
        "association": association_sentence(page.words),
        "families": [page.adjustment_name(method) for method in adjusted],
        "minimum": page.labels.minimum,
        "models": [
            {"label": part.label, "formula": part.formula, "name": name}
            for name, part in page.content.plan.models.items()
            if any(row.spec.model == name for rows in page.results.values() for row in rows)
        ],
    }


def deviations(page: Page) -> dict[str, Any] | None:
    """The lock, its past, what differs from it and why; None where there never was a lock."""
    status = page.content.lock
    if not status.ever_locked:
        return None
    return {
        "sentences": deviation_sentences(status),
        "rows": [{name: one_line(text) for name, text in row.items()} for row in deviation_rows(status.deviations)],
    }


def limitations(page: Page) -> dict[str, Any]:
    """What the reader has to bear in mind."""
    named = [name for name in page.unverified if name in page.results]
    return {
        "sentences": limitation_sentences(
            page.content.design_audit,
            page.words,
            headlines=page.headlines,
            unverified=[page.labels.outcome_short(name) for name in named],
            added=page.content.plan.report.limitations,
        ),
        "synthetic": page.content.plan.study.synthetic,
    }


def provenance(page: Page) -> dict[str, Any]:
    """Where data, numbers and this report come from."""
    content = page.content
    return {
        "source": content.plan.study.source,
        "versions": sorted(content.versions.items()),
        "inputs": sorted(content.inputs.items()),
        "plan_file": content.plan_file,
        "plan_digest": content.plan_digest,
        "seed": content.plan.study.seed,
        "estimates_file": content.estimates_file,
    }


def _scores(frame: pd.DataFrame, page: Page) -> list[dict[str, str]]:
    return [
        {
            "label": page.labels.variable(str(row["score"])) + page.mark(str(row["score"])),
            "wave": page.labels.wave(row["wave"]),
            **{name: count(row[name]) for name in ("n_rows", "n_complete", "n_prorated", "n_missing")},
        }
        for row in frame.to_dict("records")
        if str(row.get("asked", "True")).lower() != "false"
    ]


def _plain(frame: pd.DataFrame) -> dict[str, Any]:
    """A frame of counts as header and rows of text."""
    return {
        "header": [one_line(str(name).replace("_", " ")) for name in frame.columns],
        "rows": [
            ["" if is_missing(value) else count(value) if isinstance(value, int) else one_line(value) for value in row]
            for row in frame.astype(object).itertuples(index=False)
        ],
    }
