"""Keys of outcomes: what is measured, and by which differences it is judged."""

from __future__ import annotations

from typing import Literal

from pydantic import (
    Field,
)

from cpis_analysis.methods import methods
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.schema_analyses import ModelOverride
from cpis_analysis.plan.schema_base import Name, Part, Points, Text


class Equivalence(Part):
    """Differences too small to matter, in points of the outcome (for binary outcomes: of the risk)."""

    low: Points = Field(lt=0, description="Lower margin, below zero.")
    high: Points = Field(gt=0, description="Upper margin, above zero.")
    source: Text | None = Field(None, description="Where the margins come from.")


class ScaleMargins(Part):
    """Differences too small to matter on another scale than the outcome's own; of log and log1p as ratios."""

    low: Points = Field(description="Lower margin: below zero, or a ratio below 1 such as 0.8.")
    high: Points = Field(description="Upper margin: above zero, or a ratio above 1 such as 1.25.")
    source: Text | None = Field(None, description="Where the margins come from.")


class OnScale(Part):
    """What differences are judged by where a model transforms the outcome."""

    minimal_important_difference: Points | None = Field(
        None, gt=0, description="Difference that matters on this scale; of log and log1p a ratio above 1."
    )
    minimal_important_difference_source: Text | None = Field(None, description="Where it comes from.")
    equivalence: ScaleMargins | None = Field(None, description="Margins of an equivalence test on this scale.")


class TippingPoint(Part):
    """How far those without the outcome would have to differ from expectation before the conclusion changed."""

    models: list[Name] = Field(
        [],
        description="Which of the outcome's models get it; default: the first. One row a participant, "
        f"{listed([method.name for method in methods() if method.shifts_missing], 'or')}, reporting the difference "
        "between the arms.",
    )
    deltas: list[Points] = Field(
        [],
        max_length=15,
        description="Shifts of the missing outcomes that are shown, in points, in increasing order "
        "and with 0 among them. Default: -3 to 3 times the minimal important difference, or half the standard "
        "deviation (to one figure) where there is none. The shifts at which the conclusion changes do not "
        "depend on it.",
    )


class Outcome(Part):
    """One outcome variable and the models it gets."""

    label: Text = Field(description="Full label for tables.")
    short_label: Text | None = Field(None, description="Label for figures; default: label.")
    phrase: Text | None = Field(
        None,
        description='What a value counts, in plain words, such as "kinds of help within reach" (0.9 more kinds of help '
        "within reach); for a score without a unit leave it out: the report then says points.",
    )
    low_means: Text | None = Field(None, description='What the lowest value means, such as "none within reach".')
    high_means: Text | None = Field(None, description="What the highest value means.")
    role: Literal["primary", "secondary", "exploratory", "negative_control"] = Field(
        description="One outcome is primary. Exploratory ones have results like the others and are not counted among "
        "the secondary outcomes in sentences. A negative control is an outcome that the intervention can't have moved: "
        "a difference in it tells of confounding, and it is never counted among the findings (docs/confounding.md)."
    )
    type: Literal["continuous", "bounded_count", "binary", "ordinal", "count", "time_to_event"] = Field(
        "continuous",
        description="continuous: a score. bounded_count: a count between low and high; values outside stop the run, "
        "and many people at an end are warned of. binary: an event happened or not; differences are differences of "
        "risk. ordinal: one of some answers in order, counted from 0; differences are differences in mean score. "
        "count: 0, 1, 2, ... without an upper end. time_to_event: whether an event happened (variable and event, as "
        "for binary) and the time until it did, or until watching ended; hazards are compared.",
    )
    variable: Name | None = Field(
        None,
        description="binary, time_to_event and ordinal only: the variable whose answers say whether the "
        "event happened, or which answer was given.",
    )
    event: list[Text] = Field(
        [], description='binary and time_to_event only: codes of the variable that are the event, such as ["yes"].'
    )
    categories: list[Text] = Field(
        [],
        max_length=12,
        description='ordinal only: codes of the variable in their order, the lowest first, such as ["worse", "same", '
        '"better"].',
    )
    not_given: list[Text] = Field(
        [], description="ordinal only: codes that are none of the answers in order and count as missing."
    )
    exposure: Name | None = Field(
        None,
        description="count only: the variable with the time, or whatever else, in which each count was made; rates are "
        "then compared.",
    )
    time: Name | None = Field(
        None,
        description="time_to_event only: the variable with the time until the event, or until watching ended "
        "without it; above 0.",
    )
    higher_is: Literal["better", "worse"] = Field("better", description="Direction of the score.")
    low: Points | None = Field(None, description="Lowest possible value; default: the instrument's.")
    high: Points | None = Field(None, description="Highest possible value; default: the instrument's.")
    minimal_important_difference: Points | None = Field(
        None, gt=0, description="Difference between groups that matters, in points of the outcome."
    )
    minimal_important_difference_source: Text | None = Field(None, description="Where it comes from.")
    equivalence: Equivalence | None = Field(
        None, description="Margins of an equivalence test (two one-sided tests, TOST) of the adjusted difference."
    )
    on_scale: dict[Name, OnScale] = Field(
        {},
        description="Margins and important differences of models that transform the outcome, by transformation: "
        "log, log1p, sqrt, ... Those above are in points and say nothing of such models.",
    )
    tipping_point: TippingPoint | None = Field(
        None, description="Sensitivity analysis of missing outcomes; {} for its defaults, no key for none."
    )
    models: list[Name] = Field(min_length=1, description="Models fitted to it; the first is the headline.")
    overrides: dict[Name, ModelOverride] = Field(
        {}, description="Keys of a model that this outcome has otherwise, by the name of the model."
    )

    @property
    def is_event(self) -> bool:
        """Whether it is an event that happened or not, whenever it did."""
        return self.type in ("binary", "time_to_event")
