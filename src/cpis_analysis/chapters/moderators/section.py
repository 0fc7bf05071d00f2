"""Section on subgroups and moderators: does the difference between the arms depend on something?"""

from __future__ import annotations

from typing import Any

from cpis_analysis.chapters.moderators.content import is_moderated
from cpis_analysis.chapters.moderators.sentences import moderator_paragraphs
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.exhibit_id import slug

__all__ = ["subgroups"]


def subgroups(page: Page) -> dict[str, Any] | None:
    """Analyses of moderators by outcome, the interaction before its levels; None where the plan has none."""
    outcomes = []
    for name, results in page.every.items():
        chosen = [result for result in results if is_moderated(result)]
        if chosen:
            outcomes.append(
                {
                    "label": page.labels.outcome(name) + page.mark(name),
                    "analyses": [
                        {
                            "label": page.labels.model(result.spec.model),
                            "paragraphs": moderator_paragraphs(result, page.words),
                            "made": page.how_made(result, programs=True),
                        }
                        for result in chosen
                    ],
                    "tables": page.tables(f"moderators-{slug(name)}"),
                    "figures": page.figures(f"moderators-{slug(name)}"),
                }
            )
    return {"outcomes": outcomes} if outcomes else None
