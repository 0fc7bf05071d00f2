"""The order of the report. A new section is one function and one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cpis_analysis.chapters.cleaning.section import cleaning, measures
from cpis_analysis.chapters.design.section import design
from cpis_analysis.chapters.experience.section import experience, focus_groups
from cpis_analysis.chapters.findings.section import key_findings_section
from cpis_analysis.chapters.flow.section import participants
from cpis_analysis.chapters.models.section import diagnostics, models
from cpis_analysis.chapters.moderators.section import subgroups
from cpis_analysis.chapters.outcomes.section import outcomes
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.people.section import baseline, missing, retention
from cpis_analysis.chapters.process.checklist import checklists
from cpis_analysis.chapters.process.section import deviations, further, limitations, methods, provenance
from cpis_analysis.chapters.robustness.section import robustness
from cpis_analysis.publish.blocks import Block

__all__ = ["SECTIONS", "Subject"]


@dataclass(frozen=True)
class Subject:
    """A section that the report has where a study has something of the kind.

    Attributes
    ----------
    id : str
        Begins its anchor.
    title : str
    blocks : callable
        (page) -> what it shows; nothing leaves the section out.
    """

    id: str
    title: str
    blocks: Callable[[Page], Iterator[Block]]


SECTIONS = (
    Subject("key-findings", "Key findings", key_findings_section),
    Subject("participants", "Participants and flow", participants),
    Subject("design", "Design and clusters", design),
    Subject("baseline", "Baseline characteristics", baseline),
    Subject("retention", "Followed up and lost", retention),
    Subject("outcomes", "Outcomes", outcomes),
    Subject("robustness", "Robustness", robustness),
    Subject("subgroups", "Subgroups and moderators", subgroups),
    Subject("models", "Model details", models),
    Subject("missing-data", "Missing data", missing),
    Subject("experience", "Experience", experience),
    Subject("focus-groups", "Focus groups", focus_groups),
    Subject("diagnostics", "Diagnostics", diagnostics),
    Subject("measures", "Measures and scoring", measures),
    Subject("cleaning", "Data cleaning", cleaning),
    Subject("further", "Further results", further),
    Subject("methods", "Methods", methods),
    Subject("deviations", "Deviations from the locked plan", deviations),
    Subject("limitations", "Limitations", limitations),
    Subject("provenance", "How this report was made", provenance),
    Subject("checklists", "Reporting checklists", checklists),
)
