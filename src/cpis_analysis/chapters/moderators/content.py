"""What an analysis of a moderator holds: the test of the interaction, and the difference at each level."""

from __future__ import annotations

from dataclasses import dataclass

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.plan.contrast import STANDARDISED, STANDARDISED_RATIO
from cpis_analysis.publish.format import is_missing
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.wording import mid_sentence


@dataclass(frozen=True)
class Moderation:
    """The estimates of one analysis by what they answer.

    Attributes
    ----------
    interactions : tuple of Estimate
        By how much the difference between the arms differs; several where a moderator has three levels or more.
    together : tuple of Estimate
        F tests that the difference is the same at all levels.
    levels : tuple of Estimate
        The difference at each level or value.
    joint : tuple of Estimate
        Other F tests.
    other : tuple of Estimate
        Differences that are not those of a level, such as the average; the effect by Kenward-Roger where another
        test made it.
    """

    interactions: tuple[Estimate, ...]
    together: tuple[Estimate, ...]
    levels: tuple[Estimate, ...]
    joint: tuple[Estimate, ...]
    other: tuple[Estimate, ...]


def is_moderated(result: AnalysisResult) -> bool:
    """Whether an analysis asks if the difference between the arms depends on something."""
    return any(part.kind == "moderator" for part in result.spec.contrasts) or any(
        one.measure == "interaction" for one in (result.estimate, *result.contrasts)
    )


def charted(found: Moderation) -> tuple[Estimate, ...]:
    """Levels, then the one interaction, for the chart of rows in the findings.

    Empty where the moderator has fewer than two levels or several interactions: a figure of the annex shows these.
    """
    drawn = tuple(one for one in (*found.levels, *found.interactions) if not is_missing(one.ci_low))
    return drawn if len(found.interactions) == 1 and len(drawn) > 2 else ()


def moderation(result: AnalysisResult) -> Moderation:
    """Sort the estimates of an analysis; each stands in one place only."""
    names = [part.moderator for part in result.spec.contrasts if part.moderator]
    tests = [(f"{result.spec.arm}:{name}",) for name in names]
    beside = [one for one in result.contrasts if one.contrast.beside]
    # risks and means beside a ratio are averages over everybody on scales of their own, and stand with the model
    averages = (STANDARDISED, STANDARDISED_RATIO)
    every = [
        one
        for one in (result.estimate, *result.contrasts)
        if not one.contrast.beside and one.contrast.kind not in averages
    ]
    joint = [one for one in every if one.measure == "joint test"]
    rest = [one for one in every if one.measure not in ("joint test", "interaction")]
    return Moderation(
        interactions=tuple(one for one in every if one.measure == "interaction"),
        together=tuple(one for one in joint if one.contrast.terms in tests),
        levels=tuple(one for one in rest if one.contrast.held),
        joint=tuple(one for one in joint if one.contrast.terms not in tests),
        other=(*(one for one in rest if not one.contrast.held), *beside),
    )


def condition(estimate: Estimate, labels: Labels) -> str:
    """At which levels a difference is, such as "gender is female", or in the level's own words; empty if at none."""
    return " and ".join(at_level(variable, code, labels) for variable, code in estimate.contrast.held)


def at_level(variable: str, code: str, labels: Labels) -> str:
    """ "gender is female"; of a variable whose levels the plan names, "it is “the other four trusts”"."""
    if labels.names_levels(variable):
        return f"it is “{mid_sentence(labels.level(variable, code))}”"
    return f"“{mid_sentence(labels.variable(variable))}” is {labels.choice_within(variable, code)}"
