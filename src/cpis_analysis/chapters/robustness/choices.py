"""The choices that tell the analyses of one outcome apart, as words: what the explorer lists."""

from __future__ import annotations

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.analyses.rows.cluster_level import levels_of
from cpis_analysis.errors import CpisError
from cpis_analysis.formula.parse import Formula, parse_formula, source_of
from cpis_analysis.methods import method_of
from cpis_analysis.methods.balancing import balancing_of
from cpis_analysis.methods.handling import short_handling
from cpis_analysis.publish.format import capital
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.methods import df_words

ESTIMATOR, BASELINE, COVARIATES, WEIGHTS, POPULATION, MISSING, DEGREES = (
    "Estimator",
    "Baseline",
    "Covariates",
    "Weights",
    "Population",
    "Missing values",
    "Degrees of freedom",
)
_ASKED = (BASELINE, COVARIATES, WEIGHTS)
_NOT_USED = "not in the model"


def choices_of(result: AnalysisResult, labels: Labels) -> dict[str, str]:
    """Every choice of one analysis: question -> answer."""
    spec = result.spec
    formula = parsed_formula(spec.formula)
    design = labels.design
    answers = {ESTIMATOR: method_of(spec).short}
    if design.baseline_wave is not None:
        answers[BASELINE] = _baseline(result, formula)
    for level in design.levels:
        answers[capital(level.noun)] = _cluster(result, formula, level.variable)
    answers[COVARIATES] = _covariates(result, formula)
    answers[WEIGHTS] = balancing_of(spec.balance).short if spec.balance else "none"
    answers[POPULATION] = labels.population(spec.population)
    answers[MISSING] = short_handling(spec)
    answers[DEGREES] = df_words(result.estimate.df_method)
    return answers


def same_question(one: AnalysisResult, other: AnalysisResult, labels: Labels) -> bool:
    """Whether two analyses ask the same of the same people: alike in population, baseline, covariates and weights."""
    own, its = (choices_of(result, labels) for result in (one, other))
    if is_average_of_waves(one) != is_average_of_waves(other):
        return False
    return one.spec.population == other.spec.population and all(own.get(key) == its.get(key) for key in _ASKED)


def is_average_of_waves(result: AnalysisResult) -> bool:
    """Whether an analysis of several waves after baseline tells one difference for all of them: their average."""
    spec, contrast = result.spec, result.estimate.contrast
    several = spec.rows == "long" and not spec.has_baseline_rows and len(spec.waves_of_rows) > 1
    return several and contrast.kind == "difference" and not (contrast.last or contrast.first)


def parsed_formula(text: str) -> Formula | None:
    """A formula, or None where it can't be read."""
    try:
        return parse_formula(text)
    except CpisError:
        return None


def _baseline(result: AnalysisResult, formula: Formula | None) -> str:
    spec = result.spec
    if spec.rows == "long" and spec.has_baseline_rows:
        return "modelled with follow-up"
    if formula is None:
        return _NOT_USED
    if spec.is_change(formula.response.variable):
        return "change from baseline"
    return "covariate" if spec.baseline in {source_of(name) for name in _fixed(formula)} else _NOT_USED


def _cluster(result: AnalysisResult, formula: Formula | None, variable: str) -> str:
    spec = result.spec
    fixed = formula is not None and variable in _fixed(formula)
    if spec.pairs and variable == spec.trust:
        return "pairs"
    if spec.cluster == variable:
        return method_of(spec).of_cluster(fixed)
    if formula is None:
        return _NOT_USED
    if variable in _random_levels(result, formula):
        return "random"
    return "fixed" if fixed else _NOT_USED


def _random_levels(result: AnalysisResult, formula: Formula) -> set[str]:
    """Levels of the design that have a random effect, by whatever name the formula calls their groups."""
    spec = result.spec
    named = {frozenset(spec.keys_of(level)): level for level in spec.levels}
    named |= {frozenset([level]): level for level in spec.levels}
    found = {str(named.get(frozenset(term.groups))) for term in formula.random_terms}
    known = levels_of(spec)
    return found | {known.get(str(part.get("level")), "") for part in result.variance_components}


def _covariates(result: AnalysisResult, formula: Formula | None) -> str:
    spec = result.spec
    taken = {spec.arm, spec.baseline, *spec.times, *spec.levels}
    names = [name for name in _fixed(formula) if name not in taken] if formula else []
    return ", ".join(names) or "none"


def _fixed(formula: Formula) -> list[str]:
    return list(dict.fromkeys(operand.variable for term in formula.fixed_terms for operand in term))
