"""The order of the report. A new section is one function, one template and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cpis_analysis.chapters.moderators import section as sections_moderators
from cpis_analysis.chapters.outcomes import section as sections_results
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.people import section as sections_people
from cpis_analysis.chapters.process import section as sections_process
from cpis_analysis.chapters.process.checklist import checklists

__all__ = ["SECTIONS", "Section"]


@dataclass(frozen=True)
class Section:
    """One part of the page.

    Attributes
    ----------
    id : str
        Anchor; the template is ``templates/{id}.html``.
    title : str
    gather : callable
        (page) -> what the template shows, or None where the study has nothing of the kind.
    """

    id: str
    title: str
    gather: Callable[[Page], dict[str, Any] | None]


SECTIONS = (
    Section("key-findings", "Key findings", sections_results.key_findings_section),
    Section("participants", "Participants and flow", sections_people.participants),
    Section("design", "Design and clusters", sections_people.design),
    Section("baseline", "Baseline characteristics", sections_people.baseline),
    Section("retention", "Followed up and lost", sections_people.retention),
    Section("outcomes", "Outcomes", sections_results.outcomes),
    Section("robustness", "Robustness", sections_results.robustness),
    Section("subgroups", "Subgroups and moderators", sections_moderators.subgroups),
    Section("models", "Model details", sections_results.models),
    Section("missing-data", "Missing data", sections_people.missing),
    Section("experience", "Experience", sections_people.experience),
    Section("focus-groups", "Focus groups", sections_people.focus_groups),
    Section("diagnostics", "Diagnostics", sections_results.diagnostics),
    Section("measures", "Measures and scoring", sections_process.measures),
    Section("cleaning", "Data cleaning", sections_process.cleaning),
    Section("further", "Further results", sections_process.further),
    Section("methods", "Methods", sections_process.methods),
    Section("deviations", "Deviations from the locked plan", sections_process.deviations),
    Section("limitations", "Limitations", sections_process.limitations),
    Section("provenance", "How this report was made", sections_process.provenance),
    Section("checklists", "Reporting checklists", checklists),
)
