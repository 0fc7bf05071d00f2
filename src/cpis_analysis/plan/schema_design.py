"""Keys of the design: waves, arms, clusters, those who take part."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, model_validator

from cpis_analysis.plan.naming import INTERVIEW, PERSON, Noun, change_of, in_arms_of, noun_of, plural, study_words
from cpis_analysis.plan.schema_base import Months, Name, Part, Text, WaveName
from cpis_analysis.plan.schema_intake import Data
from cpis_analysis.study_words import StudyWords


class Wave(Part):
    """One round of interviews or measurements."""

    name: WaveName = Field(description="Suffix of the wave in variable names, such as 6m in rguk_6m.")
    label: Text = Field(description="How the report calls it.")
    months: Months = Field(
        description="Nominal months after baseline, or after whatever the months of the other waves are counted from; "
        "models of all waves can use them as the variable months."
    )


class Arm(Part):
    """The compared groups."""

    variable: Name = Field(description="Variable that holds the group.")
    reference: Text = Field(description="Code of the group that the others are compared with.")
    compared: list[Text] = Field(
        [],
        description="Codes of the groups that take part, where not all do; people of others are counted in the flow "
        "and are in no analysis. Default: all that the data have.",
    )
    primary: Text | None = Field(
        None,
        description="With three groups or more: the one whose comparison with the reference is the main result of each "
        "analysis; those of the others stand beside it. Default: the first of `compared`, else the dictionary's first.",
    )
    multiplicity: Literal["holm", "hochberg", "bonferroni", "none"] = Field(
        "holm",
        description="With three groups or more: how the p-values of one analysis are adjusted for comparing several "
        "groups with the reference (column p_arms of results/estimates.csv).",
    )

    @property
    def first(self) -> str:
        """The arm whose comparison is the main result, where the plan names one; else empty."""
        return self.primary or next((code for code in self.compared if code != self.reference), "")


class Expected(Part):
    """Counts that the fieldwork reported; the run stops when the data give others."""

    recruited: int | None = Field(None, ge=0, description="People recruited.")
    baseline: int | None = Field(None, ge=0, description="People seen at baseline.")
    followup: int | None = Field(None, ge=0, description="People seen at follow-up, at the primary wave.")
    waves: dict[WaveName, Annotated[int, Field(ge=0)]] = Field(
        {}, description="People seen at other waves, by the name of the wave."
    )


class Level(Part):
    """One level of clusters."""

    variable: Name = Field(description="Variable that names the clusters of this level.")
    label: Text | None = Field(
        None, description="What one of them is called, in the singular; without it the variable's name."
    )
    plural: Text | None = Field(
        None, description="And in the plural, where the rules for English nouns (school, class, surgery) fail."
    )

    arms: list[Text] = Field(
        [],
        description="Codes of the only groups of design.arm that have such clusters, as where therapists treat "
        "people of one arm alone (last level only). People of other arms count each by themselves, whatever their cell "
        "says, and formulas have in_VARIABLE: 1 in these arms, 0 elsewhere. Default: all arms have clusters.",
    )

    _person: Noun = PrivateAttr(PERSON)

    def told_of(self, person: Noun) -> None:
        """Hear from the design what those are called who are in no cluster where others are."""
        self._person = person

    @property
    def noun(self) -> Noun:
        """What a unit of the level is called: a cluster, or a single person where not all arms have clusters."""
        if not self.arms:
            return self.cluster
        return Noun(f"{self.cluster} or single {self._person}", f"{plural(self.cluster)} or single {self._person.many}")

    @property
    def cluster(self) -> Noun:
        """What a cluster is called that is no single person."""
        one = " ".join(self.label.split()) if self.label else noun_of(self.variable)
        return Noun(one, " ".join(self.plural.split()) if self.plural else None)

    @property
    def indicator(self) -> str:
        """Variable that is 1 in the arms that have such clusters; empty where all have."""
        return in_arms_of(self.variable) if self.arms else ""


class People(Part):
    """What those who take part are called."""

    one: Text = Field(description="One of them, in small letters, such as pupil or patient.")
    many: Text | None = Field(
        None, description="Several of them, where the rules for English nouns (pupil, patient, child) fail."
    )

    @property
    def noun(self) -> Noun:
        """One of them; knows the plural."""
        return Noun(" ".join(self.one.split()), " ".join(self.many.split()) if self.many else None)


class Design(Part):
    """Who was compared with whom, and in which clusters."""

    participant: Name = Field(description="Variable that identifies a person.")
    people: People = Field(
        People(one="person"), description="What those who take part are called in texts, such as pupils."
    )
    arm: Arm = Field(description="The compared groups.")
    levels: list[Level] = Field(
        [],
        max_length=3,
        description="Clusters above the person, the largest first; labels of smaller ones may repeat in larger ones. "
        "Empty: no clusters, as where people of one site were randomised one by one.",
    )
    waves: list[Wave] = Field(
        min_length=1,
        max_length=12,
        description="Rounds in the order of time. Of several the first is baseline, unless the key baseline says "
        "otherwise; a single one is a study after the intervention only, in which nobody was seen before.",
    )
    baseline: bool = Field(
        True,
        description="Whether the first of several waves was before the intervention. false: people were seen only "
        "afterwards, however often, so that nothing is a change from baseline.",
    )
    primary_wave: WaveName | None = Field(
        None,
        description="The wave that is the follow-up of headlines, descriptions and verdicts. Default: the last.",
    )
    interview_date: Name | None = Field(
        None, description="Variable that holds the date of an interview or measurement."
    )
    recruited_on: Name | None = Field(
        None, description="Variable of the recruitment log that holds the date of recruitment; the report tells months."
    )
    characteristics: list[Name] = Field(
        [],
        description="Characteristics of people, as asked at the first wave or in the log: shown in the table of "
        "characteristics, usable as covariates without a suffix.",
    )
    team_characteristics: list[Name] = Field(
        [], description="Variables of the smallest clusters for the baseline table."
    )
    expected: Expected = Field(Expected(), description="Counts that the fieldwork reported.")

    @model_validator(mode="after")
    def _levels_know_their_people(self) -> Design:
        for level in self.levels:
            level.told_of(self.people.noun)
        return self

    @property
    def participant_noun(self) -> Noun:
        """What one of those who take part is called in questions about the raw data, where person says too little."""
        noun = self.people.noun
        return Noun("participant") if noun == PERSON and noun.many == PERSON.many else noun

    @property
    def clusters(self) -> tuple[str, ...]:
        """Variables of the levels, the largest clusters first."""
        return tuple(level.variable for level in self.levels)

    @property
    def one_sided(self) -> Level | None:
        """The level whose clusters are in some arms only; None where all arms have all levels."""
        return next((level for level in self.levels if level.arms), None)

    @property
    def trust(self) -> str | None:
        """Variable of the largest clusters; None in a study without clusters."""
        return self.levels[0].variable if self.levels else None

    @property
    def team(self) -> str | None:
        """Variable of the smallest clusters within them; None where there is one level."""
        return self.levels[-1].variable if len(self.levels) > 1 else None

    @property
    def wave_names(self) -> tuple[str, ...]:
        """Names of the waves, in the order of time."""
        return tuple(wave.name for wave in self.waves)

    @property
    def baseline_wave(self) -> str | None:
        """Name of the wave before the intervention; None where nobody was seen before it."""
        return self.waves[0].name if self.baseline and len(self.waves) > 1 else None

    @property
    def followup_wave(self) -> str:
        """Name of the primary wave."""
        return self.primary_wave or self.waves[-1].name

    @property
    def start(self) -> str:
        """The stage against which follow-up is counted: baseline, or recruitment where nobody was seen before."""
        return "recruited" if self.baseline_wave is None else "baseline"

    @property
    def other_waves(self) -> tuple[str, ...]:
        """Names of the waves that are neither baseline nor the primary one."""
        apart = (self.baseline_wave, self.followup_wave)
        return tuple(name for name in self.wave_names if name not in apart)

    @property
    def stages(self) -> dict[str, str]:
        """Stages of the flow after recruitment, in the order of time, each with its wave.

        ``baseline`` and ``followup`` (the primary wave) have these names; another wave is ``wave_{name}``.
        """
        words = {self.baseline_wave: "baseline", self.followup_wave: "followup"}
        return {words.get(name, f"wave_{name}"): name for name in self.wave_names}

    def changes_of(self, variable: str) -> dict[str, str]:
        """Names of the changes of a variable since baseline, each with its wave; none in a study without baseline."""
        if self.baseline_wave is None:
            return {}
        return {change_of(variable): self.followup_wave} | {
            change_of(variable, wave): wave for wave in self.other_waves
        }

    @property
    def trust_noun(self) -> Noun:
        """What one of the largest clusters is called; a study without clusters is the one place."""
        return self.levels[0].noun if self.levels else Noun("study")

    @property
    def team_noun(self) -> Noun:
        """What one of the smallest clusters is called."""
        return self.levels[-1].noun if self.levels else Noun("study")

    @property
    def shared_nouns(self) -> tuple[Noun, ...]:
        """What two people can be of together, at each level, the largest first: clusters, and no single people."""
        return tuple(level.cluster for level in self.levels)

    def noun_of(self, variable: str) -> Noun:
        """What the units of a level are called; of the participant, people."""
        known = {level.variable: level.noun for level in self.levels}
        return known.get(variable, self.people.noun)


def occasion_of(data: Data, design: Design) -> Noun:
    """What a person has at a wave: an interview where files of interviews have a date of it, else a measurement.

    A file of one wave is called interviews whatever stands in it, exam results of pupils as well.
    """
    held = {source.holds for source in data.sources.values()}
    return INTERVIEW if "interviews" in held and design.interview_date else Noun("measurement")


def words_of(data: Data, design: Design) -> StudyWords:
    """Words of a plan, for texts that are made without it."""
    return study_words(design.people.noun, occasion_of(data, design))
