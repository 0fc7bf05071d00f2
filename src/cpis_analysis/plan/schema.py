"""The statistical analysis plan as data: every key, its default and its meaning.

This is the one source of checks, defaults, the JSON Schema for editors
(``config.schema.json``) and the documentation page of all keys.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

__all__ = [
    "Arm", "Cleaning", "Data", "Design", "Expected", "Family", "Model", "Outcome", "PlanFile",
    "Population", "Report", "Source", "Study", "Wave", "Window",
]

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
WaveName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,12}$")]
RelativePath = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Months = Annotated[float, Field(ge=0, le=600)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, str_strip_whitespace=True)


class Study(_Part):
    """What is analysed, and what every page has to say about it."""

    name: Text = Field(description="Full name of the study, as it stands at the head of the report.")
    short_name: Text = Field(description="Short name or acronym.")
    synthetic: bool = Field(description="true: every page and figure says that the data are synthetic.")
    randomised: bool = Field(
        description="Whether the groups were formed at random. false: the report uses no causal words."
    )
    notice: Text | None = Field(None, description="A sentence that stands at the head of every page.")
    description: Text | None = Field(None, description="One paragraph on the study, for the report.")
    source: Text | None = Field(None, description="Where the data come from, for the report.")
    seed: int = Field(20180214, ge=0, le=2**32 - 1, description="Master seed; all other seeds derive from it.")


class Source(_Part):
    """One raw data file."""

    file: RelativePath = Field(description="Path of the file, relative to the plan.")
    holds: Literal["participants", "interviews", "wide", "teams", "themes"] = Field(
        description="participants: recruitment log, one row a person. interviews: one row an interview of one wave. "
        "wide: one row a person with all waves in columns named variable_wave. teams: one row a team. "
        "themes: coded focus-group themes."
    )
    wave: WaveName | None = Field(None, description="The wave of an interviews file.")
    delimiter: Literal[",", ";", "\t", "|"] = Field(",", description="Column separator.")
    encoding: Literal["utf-8", "windows-1252"] = Field("utf-8", description="Text encoding of the file.")
    rename: dict[str, Name] = Field({}, description="Column names of the file that differ from the dictionary's.")


class Data(_Part):
    """Where the raw data lie. They are never written."""

    dictionary: RelativePath = Field(description="Data dictionary in REDCap's layout with Missing Codes and Waves.")
    checksums: RelativePath | None = Field(None, description="SHA256SUMS of the raw files; checked on every run.")
    sources: dict[Name, Source] = Field(min_length=1, description="The raw files, by a name that the audit trail uses.")


class Wave(_Part):
    """One round of interviews."""

    name: WaveName = Field(description="Suffix of the wave in variable names, such as 6m in rguk_6m.")
    label: Text = Field(description="How the report calls it.")
    months: Months = Field(description="Nominal months after baseline.")


class Arm(_Part):
    """The compared groups."""

    variable: Name = Field(description="Variable that holds the group.")
    reference: Text = Field(description="Code of the group that the others are compared with.")


class Expected(_Part):
    """Counts that the fieldwork reported; the run stops when the data give others."""

    recruited: int | None = Field(None, ge=0, description="People recruited.")
    baseline: int | None = Field(None, ge=0, description="People interviewed at baseline.")
    followup: int | None = Field(None, ge=0, description="People interviewed at follow-up.")


class Design(_Part):
    """Who was compared with whom, and in which clusters."""

    participant: Name = Field(description="Variable that identifies a person.")
    arm: Arm = Field(description="The compared groups.")
    trust: Name = Field(description="Variable of the outer clusters (trusts, sites, clinics).")
    trust_label: Text = Field("trust", description="What an outer cluster is called, in the singular.")
    team: Name | None = Field(
        None, description="Variable of the inner clusters (teams); their labels may repeat across outer clusters."
    )
    team_label: Text = Field("team", description="What an inner cluster is called, in the singular.")
    waves: list[Wave] = Field(min_length=2, max_length=2, description="Baseline first, then follow-up.")
    interview_date: Name | None = Field(None, description="Variable that holds the date of an interview.")
    characteristics: list[Name] = Field(
        [], description="Baseline characteristics: shown in the baseline table, usable as covariates without a suffix."
    )
    team_characteristics: list[Name] = Field([], description="Team-level variables for the baseline table.")
    expected: Expected = Field(Expected(), description="Counts that the fieldwork reported.")


class Window(_Part):
    """When a follow-up interview is on time, in months after baseline."""

    earliest: Months = Field(5, description="Earliest month.")
    latest: Months = Field(8, description="Latest month.")


class Cleaning(_Part):
    """What may be repaired without asking; all else becomes a query."""

    date_formats: list[Literal["iso", "dmy", "mdy"]] = Field(
        ["iso", "dmy"], min_length=1, description="Accepted orders of day and month, tried in this order."
    )
    decimal_comma: bool = Field(True, description="Read 72,5 as 72.5.")
    number_words: bool = Field(True, description="Read numbers that are written out (seventy).")
    match_threshold: float = Field(
        0.8, ge=0.5, le=1, description="How alike (0 to 1) a misspelt trust or team must be to a single known one."
    )
    duplicates: Literal["query", "first", "last"] = Field(
        "query",
        description="Interviews that stand twice with different content. query: keep one row, set the cells that "
        "differ missing and ask; first or last: keep that row.",
    )
    constant: list[Name] = Field(
        [], description="Variables that cannot change between waves; a change keeps baseline and becomes a query."
    )
    followup_window: Window = Field(Window(), description="When a follow-up is on time; others are kept and flagged.")


class Scoring(_Part):
    """One instrument; the settings that apply depend on the instrument (docs/instruments.md)."""

    model_config = ConfigDict(extra="allow", frozen=True)

    instrument: Name = Field(description="Name of the instrument, or scale for a plain sum or mean of items.")


class Outcome(_Part):
    """One outcome variable and the models it gets."""

    label: Text = Field(description="Full label for tables.")
    short_label: Text | None = Field(None, description="Label for figures; default: label.")
    role: Literal["primary", "secondary"] = Field(description="One outcome is primary.")
    higher_is: Literal["better", "worse"] = Field("better", description="Direction of the score.")
    low: float | None = Field(None, description="Lowest possible value; default: the instrument's.")
    high: float | None = Field(None, description="Highest possible value; default: the instrument's.")
    minimal_important_difference: float | None = Field(
        None, gt=0, description="Difference between groups that matters, in points of the outcome."
    )
    minimal_important_difference_source: Text | None = Field(None, description="Where it comes from.")
    models: list[Name] = Field(min_length=1, description="Models fitted to it; the first is the headline.")


class Model(_Part):
    """One model, as an lme4-style formula template."""

    label: Text = Field(description="How tables call the model.")
    formula: Text = Field(
        description="Formula template; {outcome} stands for the outcome's name. Variables, numbers, + : * - ( ) | / "
        "and a short list of transforms only."
    )
    estimator: Literal["mixed", "cluster_summary", "ols_cr2"] = Field(
        "mixed",
        description="mixed: REML linear mixed model. cluster_summary: two-stage t-test of cluster means. "
        "ols_cr2: least squares with CR2 cluster-robust standard errors.",
    )
    effect: Text | None = Field(
        None,
        description="The term that is reported: the arm variable (default), or arm:wave for a difference in change.",
    )
    df: Literal["kenward-roger", "satterthwaite", "between-within", "residual", "z"] = Field(
        "kenward-roger", description="Degrees of freedom of a mixed model."
    )
    boundary: Literal["keep", "drop"] = Field(
        "keep", description="Whether a variance estimated at zero stays in the Kenward-Roger information."
    )
    cluster: Literal["trust", "team"] | None = Field(
        None, description="Cluster level of cluster_summary and ols_cr2."
    )
    pairs: bool = Field(False, description="cluster_summary only: compare the arms within each trust (paired t).")
    population: Name = Field("available", description="Population of the analysis; available: all with the data.")
    level: float = Field(0.95, gt=0.5, lt=1, description="Level of the confidence interval.")


class Population(_Part):
    """A subset of participants."""

    label: Text = Field(description="How tables call the population.")
    where: dict[Name, str | list[str]] = Field(
        min_length=1, description="Allowed codes by participant-level variable."
    )


class Family(_Part):
    """Outcomes whose p-values are adjusted together."""

    outcomes: list[Name] = Field(min_length=1, description="Members; the headline model of each is adjusted.")
    method: Literal["holm", "hochberg", "bonferroni", "benjamini-hochberg"] = Field(
        "holm", description="Method; benjamini-hochberg is labelled exploratory."
    )


class Report(_Part):
    """What the findings report looks like."""

    title: Text = Field(description="Title of the report.")
    authors: list[Text] = Field([], description="Names under the title.")
    minimum_cell: int = Field(5, ge=0, le=50, description="Counts of people below this are suppressed.")
    experience: list[Name] = Field([], description="Follow-up experience variables that are tabulated by arm.")
    experience_by_trust: list[Name] = Field(
        [], description="Those of them that are shown by trust as well; the more is shown, the more small cells hide."
    )
    limitations: list[Text] = Field([], description="Sentences added to the limitations.")


class PlanFile(_Part):
    """The statistical analysis plan."""

    version: Literal[1] = Field(description="Version of this layout.")
    study: Study = Field(description="What is analysed.")
    data: Data = Field(description="The raw data.")
    design: Design = Field(description="Arms, clusters and waves.")
    cleaning: Cleaning = Field(Cleaning(), description="What may be repaired without asking.")
    scoring: dict[Name, Scoring] = Field({}, description="Instruments to be scored, by the name of the score.")
    outcomes: dict[Name, Outcome] = Field(min_length=1, description="Outcome variables.")
    models: dict[Name, Model] = Field(min_length=1, description="Models.")
    populations: dict[Name, Population] = Field({}, description="Subsets of participants.")
    families: dict[Name, Family] = Field({}, description="Outcomes adjusted together for multiplicity.")
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
        for key in ("scoring", "populations", "families"):
            self._reorder(key, [])
        return self

    def _reorder(self, key: str, first: list[str]) -> None:
        part: dict[str, Any] = getattr(self, key)
        names = dict.fromkeys([*[name for name in first if name in part], *sorted(part)])
        object.__setattr__(self, key, {name: part[name] for name in names})

    def scoring_settings(self) -> dict[str, dict[str, Any]]:
        """Settings of each score as plain values."""
        return {name: part.model_dump() for name, part in self.scoring.items()}
