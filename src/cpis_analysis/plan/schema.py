"""The statistical analysis plan as data: every key, its default and its meaning.

This is the one source of checks, defaults, the JSON Schema for editors
(``config.schema.json``) and the documentation page of all keys. The keys of the design stand in `schema_design`,
those of outcomes in `schema_outcomes`, of models and populations in `schema_analyses`, of raw data and cleaning in
`schema_intake`, of the report's subjects in `schema_report`, the authors' text in `schema_texts`.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from cpis_analysis.plan.schema_analyses import (
    Contrast,
    CovariateTerm,
    Derived,
    Family,
    Inference,
    Model,
    ModelOverride,
    Population,
)
from cpis_analysis.plan.schema_base import IsoDate, Name, Part, Text
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.plan.schema_deviations import DeviationReason
from cpis_analysis.plan.schema_intake import Cleaning, Data, Source, Window
from cpis_analysis.plan.schema_outcomes import Equivalence, Outcome, TippingPoint
from cpis_analysis.plan.schema_report import FocusGroups, Implementation
from cpis_analysis.plan.schema_texts import Author, Licence, Publisher, Texts

__all__ = [
    "Cleaning",
    "Contrast",
    "Data",
    "Derived",
    "Equivalence",
    "Family",
    "Inference",
    "Model",
    "ModelOverride",
    "Outcome",
    "PlanFile",
    "Population",
    "Report",
    "Scoring",
    "Source",
    "Study",
    "TippingPoint",
    "Window",
]


class Study(Part):
    """What is analysed, and what every page has to say about it."""

    name: Text = Field(description="Full name of the study, as it stands at the head of the report.")
    short_name: Text = Field(description="Short name or acronym.")
    synthetic: bool = Field(description="true: every page and figure says that the data are synthetic.")
    randomised: bool = Field(
        description="Whether the groups were formed at random. false: the report uses no causal words."
    )
    blinded: bool = Field(
        False,
        description="true, as `cpis blind` writes it: every page on paper says that the groups are under letters.",
    )
    notice: Text | None = Field(None, description="A sentence that stands at the head of every page.")
    description: Text | None = Field(None, description="One paragraph on the study, for the report.")
    source: Text | None = Field(None, description="Where the data come from, for the report.")
    seed: int = Field(20180214, ge=0, le=2**32 - 1, description="Master seed; all other seeds derive from it.")


class Scoring(Part):
    """One instrument; the settings that apply depend on the instrument (docs/instruments.md)."""

    model_config = ConfigDict(extra="allow", frozen=True)

    instrument: Name = Field(description="Name of the instrument, or scale for a plain sum or mean of items.")


class Report(Part):
    """What the findings report looks like."""

    title: Text = Field(description="Title of the report.")
    authors: list[Author] = Field(
        [], description="Under the title: names, or for each a mapping of name, orcid and affiliation."
    )
    published: IsoDate | None = Field(
        None,
        description="Date of publication (YYYY-MM-DD), for the metadata of the run; no clock is asked.",
        json_schema_extra={"format": "date"},
    )
    licence: Licence | None = Field(None, description="Licence of the results, for the same.")
    publisher: Publisher | None = Field(None, description="Who publishes the results, for the same.")
    minimum_cell: int = Field(5, ge=0, le=50, description="Counts of people below this are suppressed.")
    round_counts_to: int = Field(
        1,
        ge=1,
        le=100,
        description="Counts of characteristics, answers and events, and of those who have them, are "
        "rounded to the nearest multiple of this, such as 5; per cent are computed from the rounded counts. 1: as "
        "counted. Stages of the flow, missing values and people analysed are never rounded.",
    )
    experience: list[Name] = Field([], description="Follow-up experience variables that are tabulated by arm.")
    experience_by_trust: list[Name] = Field(
        [],
        description="Those of them that are shown by the largest clusters as well; the more is shown, the more small "
        "cells hide.",
    )
    changes: list[Name] = Field(
        [],
        description="Those of `experience` that ask what became of something (better, the same, worse: "
        "the dictionary's choices, best first); drawn as bars to 100%.",
    )
    barriers: list[Name] = Field(
        [], description="Those of `experience` that ask what stood in the way, with answers yes and no."
    )
    shown_first: list[Text] = Field(
        [],
        description="Codes of outer clusters whose counts are the finding: in tables by outer cluster, counts of "
        "others are withheld in their place where that is enough.",
    )
    implementation: Implementation = Field(Implementation(), description="What was done, and whom it reached.")
    focus_groups: FocusGroups = Field(FocusGroups(), description="Focus groups of practitioners.")
    limitations: list[Text] = Field([], description="Sentences added to the limitations.")
    abbreviations: dict[Text, Text] = Field(
        {},
        description="What abbreviations in labels stand for, beside those of statistics and of instruments, which are "
        "known: findings and summary spell each out where it is first read.",
    )
    texts: Texts = Field(
        Texts(), description="What the authors write themselves; an item left out is said to be missing."
    )


class PlanFile(Part):
    """The statistical analysis plan."""

    version: Literal[2] = Field(description="Version of this layout; see docs/plan.md when it moves.")
    study: Study = Field(description="What is analysed.")
    data: Data = Field(description="The raw data.")
    design: Design = Field(description="Arms, clusters and waves.")
    cleaning: Cleaning = Field(Cleaning(), description="What may be repaired without asking.")
    scoring: dict[Name, Scoring] = Field({}, description="Instruments to be scored, by the name of the score.")
    outcomes: dict[Name, Outcome] = Field(min_length=1, description="Outcome variables.")
    models: dict[Name, Model] = Field(min_length=1, description="Models.")
    covariates: dict[Name, list[CovariateTerm]] = Field(
        {}, description="Lists of terms that formulas use as {covariates}; a model names its list."
    )
    derived: dict[Name, Derived] = Field(
        {}, description="Variables defined by a condition: yes where it is true, no where it is false."
    )
    populations: dict[Name, Population] = Field({}, description="Subsets of participants.")
    inference: Inference = Field(
        Inference(), description="Settings of the nearly optimal test, which nothing else depends on."
    )
    families: dict[Name, Family] = Field({}, description="Outcomes adjusted together for multiplicity.")
    deviations: list[DeviationReason] = Field(
        [], description="Reasons for what was changed after the plan was locked (`cpis lock`); they alter no number."
    )
    report: Report = Field(description="The findings report.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """Order that means something comes from lists, never from the order of keys.

        Outcomes: the primary, then the members of families as listed, then by name.
        Models: as the outcomes list them, then by name. Everything else by name.
        """
        primary = [name for name, part in self.outcomes.items() if part.role == "primary"]
        families = [name for key in sorted(self.families) for name in self.families[key].outcomes]
        self._reorder("outcomes", [*primary, *families])
        self._reorder("models", [name for part in self.outcomes.values() for name in part.models])
        for key in ("scoring", "covariates", "derived", "populations", "families"):
            self._reorder(key, [])
        return self

    def _reorder(self, key: str, first: list[str]) -> None:
        part: dict[str, Any] = getattr(self, key)
        names = dict.fromkeys([*[name for name in first if name in part], *sorted(part)])
        object.__setattr__(self, key, {name: part[name] for name in names})

    def model_of(self, outcome: str, model: str) -> Model:
        """The model as this outcome gets it, with the outcome's overrides."""
        part = self.models[model]
        change = self.outcomes[outcome].overrides.get(model)
        return part if change is None else change.applied_to(part)

    def scoring_settings(self) -> dict[str, dict[str, Any]]:
        """Settings of each score as plain values."""
        return {name: part.model_dump() for name, part in self.scoring.items()}
