"""An analysis in words: what is compared, in whom, given what, and how the uncertainty is reckoned."""

from __future__ import annotations

from cpis_analysis.formula.effects import effect_variables
from cpis_analysis.formula.parse import cluster_part
from cpis_analysis.methods import method_of
from cpis_analysis.methods.balancing import balancing_of
from cpis_analysis.methods.handling import OBSERVED, follow_up_model, handling_of, items_imputed
from cpis_analysis.methods.method import Surroundings, listed
from cpis_analysis.plan.contrast import arms_compared
from cpis_analysis.plan.estimand import estimand_of
from cpis_analysis.plan.naming import Noun, in_arms_of, noun_of, plural, study_words
from cpis_analysis.plan.outcome_scale import Judged, Scale, judged_on, scale_of
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.specification import MONTHS, AnalysisSpec, ContrastSpec
from cpis_analysis.translate.notation.translation import ExplainedModel

_FUNCTIONS = {
    "log": "the logarithm of {}",
    "log1p": "the logarithm of one plus {}",
    "sqrt": "the square root of {}",
    "exp": "the exponential of {}",
    "square": "the square of {}",
    "cube": "the cube of {}",
    "center": "{} less its mean",
    "scale": "{} in standard deviations from its mean",
    "factor": "{}",
    "C": "{}",
}


def one_sentence(model: ExplainedModel, content: PlanFile) -> str:
    """The analysis in one line, for a list."""
    spec = model.spec
    text = f"{_contrast(model)}; {method_of(spec).in_line(spec, _unit(spec))}"
    given = _covariates(model)
    text += f", given {listed(given)}" if given else ""
    where = _population(model, content)
    return text + (f"; {where}" if spec.where or spec.condition else "")


def explanation_sentences(model: ExplainedModel, content: PlanFile) -> list[str]:
    """Question, people, model, estimator, inference."""
    spec, person = model.spec, content.design.people.noun
    outcome = content.outcomes[spec.outcome].label if spec.outcome in content.outcomes else spec.outcome
    lines = [f"Question: {_contrast(model)}, {_in_units(scale_of(spec))} {outcome} ({_response(model)})."]
    if spec.outcome in content.outcomes:
        lines += _scale(scale_of(spec), judged_on(content.outcomes[spec.outcome], scale_of(spec)))
    lines.append(
        f"{person.many[:1].upper()}{person.many[1:]}: {_population(model, content)}; of these, everybody with "
        f"{listed([name for name in model.formula.sources if name not in spec.times])}."
        + (" Each measurement is a row." if model.is_long else f" Each {person} is one row.")
    )
    given = _covariates(model)
    lines.append("Given: " + (f"{listed(given)}." if given else "nothing; the arms are compared as they are."))
    lines += [
        f"Variable {name}: yes where {condition}, no where not, missing where it can't be told."
        for name, condition in spec.derived
    ]
    lines += [
        f"Variable {part}: over everybody of the {noun_of(part.groups[-1])} in the population whose {part.variable} is "
        f"known, whether or not they have the outcome; each {person} counts once."
        for part in model.formula.cluster_parts
    ]
    lines += _estimator(model, person)
    lines += [_beside(one, person) for one in spec.contrasts]
    if spec.tipping_point:
        lines.append(
            f"Missing outcomes: taken to be missing at random. Beside it a tipping-point analysis: those without "
            f"{_response(model)} are given what the model expects of them plus a shift of its own for each arm, and "
            "the shifts are found at which an end of the interval reaches zero or the minimal important difference."
        )
    handling, says = handling_of(spec), study_words(person)
    if handling is not OBSERVED:
        about, elsewhere = handling.told(bool(spec.levels))
        lines.append(says(f"Missing values: {about}. Taken for granted: {handling.assumes(spec)}."))
        if spec.predictors:
            lines.append(f"The chance of having {_response(model)} is predicted from {follow_up_model(spec)}.")
        if items_imputed(spec):
            scores = listed([one.score for one in spec.imputation.scores]) if spec.imputation else ""
            lines.append(
                f"Of {scores} items are imputed where a part of them was answered, and the score is computed from all "
                "items by the instrument's rule, with nothing prorated; who answered none has the score itself imputed."
            )
        lines.append(f"In other programs: {elsewhere}.")
    if spec.balance:
        about = says(balancing_of(spec.balance).about)
        lines.append(f"Weights: {about}. Made alike in {listed(spec.balance.variables)}.")
    label = content.populations[spec.population].label if spec.population in content.populations else None
    return [*lines, f"Estimand. {estimand_of(spec, population=label, person=person).text()}"]


def _contrast(model: ExplainedModel) -> str:
    spec = model.spec
    parts = set(effect_variables(spec.effect))
    arms = f"{model.other_arm} less {spec.reference}"
    if parts == {spec.arm}:
        at = arms_compared(spec, model.other_arm).last
        return f"the difference between arms{f' at {at}' if at else ''} ({arms})"
    if parts == {spec.arm, MONTHS} and spec.months:
        return f"the difference between arms in the change a month ({arms})"
    if parts == {spec.arm, "wave"}:
        return f"the difference between arms in the change from {spec.baseline_wave} to {spec.followup_wave} ({arms})"
    if spec.arm in parts:
        others = listed(sorted(parts - {spec.arm}))
        return f"how the difference between arms ({arms}) varies with {others}"
    return f"the coefficient of {spec.effect}"


def _in_units(scale: Scale) -> str:
    """How a difference is measured, to stand before the outcome."""
    if scale.is_ratio:
        return f"as a ratio of {scale.means} of"
    if not scale.natural:
        return f"as a difference in means of the {scale.of_value} of"
    return "as a difference in the risk of" if scale.unit == "risk" else "in points of"


def _scale(scale: Scale, judged: Judged) -> list[str]:
    """What a scale of its own means for the numbers, and what the plan judges them by; nothing for points."""
    if scale.natural:
        return []
    text = f"Scale: the model takes the {scale.of_value} of the outcome"
    if scale.of_model:
        text = f"Scale: the model is linear on the {scale.phrase.removeprefix('on the ')}"
    text += "; the exponential of its difference is the ratio. " if scale.is_ratio else ". "
    given = []
    if judged.low is not None:
        given.append(f"margins of {judged.shown_low:g} to {judged.shown_high:g}")
    if judged.important is not None:
        given.append(f"an important {'ratio' if scale.is_ratio else 'difference'} of {judged.shown_important:g}")
    own = f"The plan gives {listed(given)} on this scale" if given else "The plan gives nothing to judge it by"
    return [f"{text}{own}; what is given in points does not apply."]


def _response(model: ExplainedModel) -> str:
    name = model.formula.response.variable
    if model.is_long:
        waves = model.spec.waves_of_rows
        return f"{name} at {'both waves' if not model.spec.waves else listed(waves)}"
    if model.spec.is_change(name):
        return f"{name}: {model.spec.followup_wave} less {model.spec.baseline_wave}"
    return name


def _population(model: ExplainedModel, content: PlanFile) -> str:
    spec = model.spec
    if spec.population in content.populations:
        conditions = [f"{name} is {' or '.join(codes)}" for name, codes in spec.where]
        conditions += [spec.condition] if spec.condition else []
        label = content.populations[spec.population].label
        return f"{label} ({' and '.join(conditions)})" if conditions else label
    return "everybody recruited"


def _covariates(model: ExplainedModel) -> list[str]:
    names = []
    effect = set(effect_variables(model.spec.effect))
    own = {model.spec.arm, *model.spec.times}
    for term in model.formula.fixed_terms:
        variables = {operand.variable for operand in term}
        if not term or variables <= effect or (model.is_long and variables <= own):
            continue
        words = []
        for operand in term:
            text = _column(operand.variable)
            for name in operand.transforms:
                text = _FUNCTIONS.get(name, name + " of {}").format(text)
            words.append(text)
        names.append(" by ".join(words))
    return names


def _column(name: str) -> str:
    part = cluster_part(name)
    if part is None:
        return name
    mean = f"the {noun_of(part.groups[-1])}'s mean"
    return f"{mean} of {part.variable}" if part.kind == "mean" else f"{part.variable} less {mean}"


def _unit(spec: AnalysisSpec) -> str:
    """What the study calls the clusters that an estimator works by."""
    return noun_of(spec.cluster or spec.trust)


def _estimator(model: ExplainedModel, person: Noun) -> list[str]:
    spec, unit = model.spec, _unit(model.spec)
    random = listed([_random(model, term, person) for term in model.formula.random_terms])
    counted = "clusters" if spec.levels else person.many
    around = Surroundings(random, unit, plural(unit), plural(noun_of(spec.trust)), counted)
    return [*map(study_words(person), method_of(spec).explained(spec, around))]


def _beside(contrast: ContrastSpec, person: Noun) -> str:
    """A further contrast in words."""
    if contrast.kind == "joint":
        return f"Beside it: an F test that all coefficients of {listed(contrast.terms)} are zero."
    if contrast.kind == "moderator":
        values = f" ({', '.join(f'{value:g}' for value in contrast.at)})" if contrast.at else ""
        return (
            f"Beside it: the interaction with {contrast.moderator}, and the difference between the arms at each "
            f"of its levels or values{values}."
        )
    if contrast.kind == "by_wave":
        return (
            "Beside it: the joint test that it is the same at every wave, or that no wave's change differs, and the "
            "difference at each of the other waves."
        )
    if contrast.kind == "average":
        return "Beside it: its average over the waves after baseline."
    return f"Beside it: the adjusted difference between the arms, averaged over the {plural(person)} analysed."


def _random(model: ExplainedModel, term: object, person: Noun) -> str:
    spec = model.spec
    groups = set(term.groups)  # type: ignore[attr-defined]
    if groups == {spec.participant}:
        where = plural(person)
    else:
        nouns = (noun_of(level) for level in spec.levels if groups - {"wave"} == set(spec.keys_of(level)))
        noun = next(nouns, None)
        where = _clusters(noun, groups) if noun else f"groups of {term.group_name}"  # type: ignore[attr-defined]
    slopes = [":".join(map(str, inner)) for inner in term.terms if inner]  # type: ignore[attr-defined]
    if spec.levels and slopes == [in_arms_of(spec.levels[-1])] and () not in term.terms:  # type: ignore[attr-defined]
        return f"a level of its own for each of the {where} where {slopes[0]} is 1"
    own = "a level of its own for each of the " if () in term.terms else "no level of its own for the "  # type: ignore[attr-defined]
    return own + where + (f" and a slope of {listed(slopes)}" if slopes else "")


def _clusters(unit: str, groups: set[str]) -> str:
    return plural(unit) + (f" and waves of a {unit}" if "wave" in groups else "")
