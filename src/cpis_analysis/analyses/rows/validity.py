"""Whether a model fits the way in which the arm was allocated, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.cluster_level import level_of_grouping
from cpis_analysis.analyses.rows.fit_warnings import (
    NOBODY_ANALYSED,
    ONE_ANALYSED,
    SEEN_TO_FAIL,
    TOO_OPTIMISTIC,
    KeyedWarning,
)
from cpis_analysis.formula.effects import effect_variables
from cpis_analysis.formula.model_terms import Operand
from cpis_analysis.methods import degrees_of, method_of
from cpis_analysis.methods.measured_sizes import TOO_OFTEN, measured_size
from cpis_analysis.plan.naming import counted_noun, noun_of, plural, some_of
from cpis_analysis.plan.own_outcome import own_outcome
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study_words import PEOPLE, PERSON


def design_warnings(spec: AnalysisSpec, rows: AnalysisRows) -> tuple[str, ...]:
    """Warnings that follow from the design and the formula, before anything is fitted.

    Sources: section 2 of Kahan et al. (2016), Trials 17:438, for z; Hooper et al. (2018), BMJ 360:k1121, for
    cluster-by-period effects; Murray (1998) for the level of allocation.
    """
    level = rows.allocation.level
    lines = [part.sentence for part in own_outcome(spec)]
    if spec.effect == spec.arm and any(_with_arm(term, spec) for term in rows.formula.fixed_terms):
        lines.append(
            "The model holds interactions of the arm: the reported effect is the one where their other "
            "variables are zero or at their reference."
        )
    lines += _outcome(spec, rows)
    if rows.clusters_lost:
        lost = f"Nobody was analysed in: {some_of(rows.clusters_lost)}. What happened there is unknown."
        lines.append(KeyedWarning(lost, NOBODY_ANALYSED))
    if rows.clusters_of_one:
        one = f"Only one {PERSON} was analysed in: {some_of(rows.clusters_of_one)}."
        lines.append(KeyedWarning(one, ONE_ANALYSED))
    if level == "individual":
        return tuple(lines)
    unit = noun_of(rows.allocation.variable)
    for arm, clusters in rows.allocation.clusters:
        if clusters < 4:
            lines.append(f"Only {clusters} {counted_noun(clusters, unit)} in the arm '{arm}': inference fragile.")
    if method_of(spec).random_part:
        lines += _random_part(spec, rows, level, unit)
    elif level == "trust" and spec.team and spec.cluster == spec.team:
        lines.append(
            KeyedWarning(
                f"The arm is a property of the {noun_of(spec.trust)}, so inference by {noun_of(str(spec.team))} is too "
                "optimistic.",
                TOO_OPTIMISTIC,
            )
        )
    return (*lines, *_size(spec, rows))


def _with_arm(term: Sequence[Operand], spec: AnalysisSpec) -> bool:
    """Whether a term is an interaction of the arm of which the reported contrast does not say where it holds.

    Waves after baseline are coded against the one that is reported, which the contrast names.
    """
    variables = {operand.variable for operand in term} - {spec.arm}
    if spec.rows == "long" and not spec.has_baseline_rows:
        variables -= {"wave"}
    return bool(variables) and any(operand.variable == spec.arm for operand in term)


def _size(spec: AnalysisSpec, rows: AnalysisRows) -> list[str]:
    """That a test of an answer or a count was seen to reject too often in this allocation of ten teams."""
    size = measured_size(spec, rows.allocation.regime)
    if size is None or size <= TOO_OFTEN or rows.allocation.n_clusters >= MANY_CLUSTERS:
        return []
    text = (
        f"{_measured_on(spec, rows)} this test rejected a true null hypothesis in {100 * size:.1f}% of simulated "
        "studies, not in 5% (docs/error_rates.md)."
    )
    return [KeyedWarning(text, SEEN_TO_FAIL)]


def _measured_on(spec: AnalysisSpec, rows: AnalysisRows) -> str:
    """Of which allocation a size is known, in the words of the study where it has as many levels, and what is here."""
    regime, n = rows.allocation.regime, rows.allocation.n_clusters
    where = {"A": "varies within every", "B": "varies within some", "C": "belongs to the"}[regime]
    if len(spec.levels) != 2:
        larger = "larger ones" if regime == "B" else "larger one"
        own = rows.allocation.variable or spec.levels[-1]
        clusters = f"ten clusters, two in each of five larger ones (here there are {n} {plural(noun_of(own))})"
        return f"With {clusters}, and an arm that {where} {larger}"
    outer, inner = (noun_of(level) for level in spec.levels)
    unit = plural(outer) if regime == "B" else outer
    if regime == "C":
        ten = f"ten {plural(inner)} in five {plural(outer)}" + (
            "" if n == 5 else f" (here there are {n} {plural(outer)})"
        )
    else:
        ten = f"ten {plural(inner)}" + ("" if n == 10 else f" (here there are {n})")
    return f"With {ten} and an arm that {where} {unit}"


MANY_CLUSTERS = 40
"""From this number of clusters on inference that ignores it is nearly right (Kahan et al. 2016)."""


AT_AN_END = 0.15
"""Share of people at one end of a scale from which floor and ceiling effects are spoken of (Terwee et al. 2007)."""


def _outcome(spec: AnalysisSpec, rows: AnalysisRows) -> list[str]:
    """What the outcome's type makes doubtful."""
    response = rows.formula.response.variable
    values = rows.frame[response]
    if spec.outcome_type == "bounded_count" and not spec.is_change(response):
        return [
            f"More than 15% of the {PEOPLE} have the {word} possible value: differences of means are compressed "
            "there, and residuals are not normal."
            for word, bound in (("lowest", spec.low), ("highest", spec.high))
            if (values == bound).mean() > AT_AN_END
        ]
    if spec.outcome_type == "binary" and spec.rows == "wide" and not spec.is_change(response):
        risks = values.groupby(rows.frame[spec.arm].astype(str)).mean()
        return [
            f"{'Everybody' if risk else 'Nobody'} in the arm '{arm}' had the event: its risk has no variation, and "
            "intervals of a linear model are too optimistic."
            for arm, risk in risks.items()
            if risk in (0.0, 1.0)
        ]
    return []


def _random_part(spec: AnalysisSpec, rows: AnalysisRows, level: str, unit: str) -> Iterator[str]:
    levels = {level_of_grouping(spec, rows.frame, random.groups) for random in rows.formula.random_terms}
    if level not in levels:
        yield KeyedWarning(
            f"The arm was allocated by {unit}, but the model has no random {unit}: the interval is too narrow.",
            TOO_OPTIMISTIC,
        )
    elif "wave" in effect_variables(spec.effect) and f"{level}-by-wave" not in levels:
        yield (
            f"The model has no random {unit}-by-wave term, so it takes changes of a {unit} over time for "
            f"changes of {PEOPLE}: the interval is too narrow."
        )
    if not degrees_of(spec).counts_clusters:
        n = rows.allocation.n_clusters
        yield KeyedWarning(
            f"Inference by {spec.df_method} takes no account of how few {plural(unit)} there are: the interval is too "
            "narrow."
            if n < MANY_CLUSTERS
            else f"Inference by {spec.df_method} takes no account of the number of {plural(unit)} ({n}): the interval "
            "is a little too narrow.",
            TOO_OPTIMISTIC,
        )
