"""What an analysis estimates, stated from its specification by rules.

The five attributes follow ICH E9(R1), with the unit of the average added, which clusters make ambiguous
(Kahan, Li, Copas & Harhay 2023, Int J Epidemiol 52:107).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cpis_analysis.formula.effects import effect_variables
from cpis_analysis.formula.parse import Formula, parse_formula
from cpis_analysis.methods import method_of
from cpis_analysis.methods.balancing import balancing_of
from cpis_analysis.methods.handling import ESTIMANDS, handling_of
from cpis_analysis.methods.method import listed
from cpis_analysis.methods.mmrm import INDEPENDENT
from cpis_analysis.plan.contrast import arms_compared, moderators_of
from cpis_analysis.plan.naming import PERSON, Noun, noun_of, plural, study_words
from cpis_analysis.plan.outcome_scale import scale_of
from cpis_analysis.plan.specification import MONTHS, AnalysisSpec


@dataclass(frozen=True)
class Estimand:
    """The parts of an estimand, as phrases without full stops.

    Attributes
    ----------
    population : str
        About whom.
    variable : str
        What is measured, when.
    contrast : str
        What is compared, and for people alike in what.
    loss : str
        What happens with people who were lost or lack a value.
    average : str
        Over people or over clusters.
    intercurrent : str
        How what happens after baseline is dealt with; empty where the plan does not say.
    """

    population: str
    variable: str
    contrast: str
    loss: str
    average: str
    intercurrent: str = ""

    def text(self) -> str:
        """All parts in one line."""
        return (
            f"Population: {self.population}. Variable: {self.variable}. Contrast: {self.contrast}. "
            f"Loss: {self.loss}. Average: {self.average}."
            + (f" Events after baseline: {self.intercurrent}." if self.intercurrent else "")
        )


def estimand_of(
    spec: AnalysisSpec,
    words: Callable[[str], str] = str,
    population: str | None = None,
    person: Noun = PERSON,
) -> Estimand:
    """State the estimand of an analysis.

    Parameters
    ----------
    spec : AnalysisSpec
    words : callable
        Name of a variable, wave or code -> its label; default: the names themselves.
    population : str, optional
        Label of the population; default: its condition.
    person : Noun, optional
        What one of those who take part is called.
    """
    formula = parse_formula(spec.formula)
    response = formula.response.variable
    return Estimand(
        population=population or _population(spec, person),
        variable=_variable(spec, formula, words),
        contrast=_contrast(spec, formula, words, person),
        loss=_loss(spec, formula, spec.is_change(response), person),
        average=_average(spec, words, person),
        intercurrent=study_words(person)(ESTIMANDS.get(spec.estimand, "")),
    )


def _population(spec: AnalysisSpec, person: Noun) -> str:
    if spec.condition:
        return f"{plural(person)} with {spec.condition}"
    if spec.where:
        return f"{plural(person)} with " + " and ".join(f"{name} in [{', '.join(codes)}]" for name, codes in spec.where)
    return "everyone recruited"


def _variable(spec: AnalysisSpec, formula: Formula, words: Callable[[str], str]) -> str:
    outcome, response = words(spec.outcome), formula.response
    if spec.rows == "long":
        when = f"at {listed(map(words, spec.waves_of_rows))}"
    elif spec.is_change(response.variable):
        when = f"change from {words(spec.baseline_wave)} to {words(spec.followup_wave)}"
    else:
        when = f"at {words(spec.followup_wave)}"
    text = f"{outcome}, {when}"
    if response.transforms:
        text += f", transformed by {listed(response.transforms)}"
    return text + _KINDS.get(spec.outcome_type, "")


_KINDS = {
    "binary": " (happened or not)",
    "bounded_count": " (a count)",
    "ordinal": " (one of some answers in order)",
    "count": " (a count)",
    "time_to_event": " (the time until it happens)",
}


def _contrast(spec: AnalysisSpec, formula: Formula, words: Callable[[str], str], person: Noun) -> str:
    effect = effect_variables(spec.effect)
    scale = scale_of(spec)
    text = f"{scale.difference} between the arms, against {words(spec.reference)}"
    if "wave" in effect and scale.is_ratio:
        text = (
            f"ratio between the arms of the {scale.means} at {words(spec.followup_wave)} relative to "
            f"{words(spec.baseline_wave)}, against {words(spec.reference)}"
        )
    elif "wave" in effect:
        level = "risk" if spec.outcome_type == "binary" else "mean" if scale.natural else f"mean {scale.phrase}"
        text = (
            f"difference between the arms in the change of the {level} from {words(spec.baseline_wave)} to "
            f"{words(spec.followup_wave)}, against {words(spec.reference)}"
        )
    elif spec.months and MONTHS in effect:
        text = f"difference between the arms in the change of the mean a month, against {words(spec.reference)}"
    elif spec.rows == "long" and not spec.has_baseline_rows:
        at = arms_compared(spec, "").last
        when = f"at {words(at)}" if at else f"averaged over {listed(map(words, spec.waves_of_rows))}"
        text = f"{scale.difference} between the arms {when}, against {words(spec.reference)}"
    moderators = moderators_of(spec)
    if moderators:
        text = f"by how much the {text}, differs with {listed(map(words, moderators))}"
    own = {spec.arm, *spec.times, *moderators}
    others = dict.fromkeys(
        operand.variable for term in formula.fixed_terms for operand in term if operand.variable not in own
    )
    given = ", ".join(words(name) for name in others)
    if scale.of_model:
        alike = f"alike in {given}" if given else "unadjusted"
        same = f", for {plural(person)} of the same clusters" if method_of(spec).random_part else ""
        return f"{text}{same}, {alike}"
    if spec.link == "logit":
        return text + (f", standardised to the {given} of the {plural(person)} analysed" if given else "")
    return text + (f", for {plural(person)} alike in {given}" if given else ", unadjusted")


def _loss(spec: AnalysisSpec, formula: Formula, change: bool, person: Noun) -> str:
    same = "those lost are taken to be like those kept who are alike in the model's variables"
    if spec.rows == "long":
        random = {name for part in formula.random_terms for name in part.groups}
        if spec.participant in random or spec.covariance not in ("", INDEPENDENT):
            return (
                "everyone with a measurement counts; a missing follow-up is taken to depend only on the measurements "
                "made and the model's variables"
            )
        return "every measurement counts; missing ones are taken to be like those made"
    handling = handling_of(spec)
    if handling.loss:
        return f"{handling.loss}; {study_words(person)(handling.assumes(spec))}"
    if change:
        return f"{plural(person)} without both measurements are left out; {same}"
    what = "the follow-up" if spec.baseline_wave else "the outcome"
    return f"{plural(person)} without {what} or another variable of the model are left out; {same}"


def _average(spec: AnalysisSpec, words: Callable[[str], str], person: Noun) -> str:
    weights, people = method_of(spec).weights(spec), plural(person)
    if weights == "clusters":
        variable = spec.levels[0] if spec.pairs else str(spec.cluster)
        unit = words(variable)
        return f"over {plural(noun_of(unit) if unit == variable else unit)}, each counting once"
    if weights == "design" and not spec.levels:
        return f"over {people}, each counting once"
    if weights == "design":
        variable = str(spec.team or spec.trust)
        unit = plural(noun_of(words(variable)) if words(variable) == variable else words(variable))
        upper = plural(noun_of(words(spec.trust)) if words(spec.trust) == spec.trust else words(spec.trust))
        return (
            f"over {unit}, each counting once, where the arm varies within {upper}; over {people}, each counting once, "
            f"where it belongs to {upper}"
        )
    if weights == "allocated":
        return "over the clusters that have the arm, each counting once"
    if spec.balance:
        asked = replace(spec.balance, variables=tuple(map(words, spec.balance.variables)))
        return f"over {people} {balancing_of(asked).people(asked)}"
    if weights == "people":
        return f"over {people}, each counting once"
    formula = parse_formula(spec.formula)
    if not {name for part in formula.random_terms for name in part.groups} - {spec.participant}:
        several = ", weighted by the estimated variances of their measurements" if spec.rows == "long" else ""
        return f"over {people}{several or ', each counting once'}"
    return (
        f"between {people} and clusters, weighted by the estimated variances; the same as over {people} where the "
        "difference is the same in every cluster"
    )
