"""All models of one outcome side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.analyses.estimate import NOT_ESTIMABLE, AnalysisResult
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.equivalence.content import Tested, equivalence_test, margin_text, tost_level
from cpis_analysis.chapters.pending_exhibit import TableOrder, order_table
from cpis_analysis.chapters.robustness.choices import BASELINE, choices_of, is_average_of_waves
from cpis_analysis.plan.naming import plural
from cpis_analysis.plan.outcome_scale import Scale
from cpis_analysis.publish.format import (
    DASH,
    capital,
    count,
    degrees,
    level_words,
    number,
    p_value,
    with_interval,
)
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.methods import contrast_words, df_words
from cpis_analysis.words.order_of_analyses import arm_differences, by_outcome, in_plan_order
from cpis_analysis.words.refusals import reason_notes
from cpis_analysis.words.scales import (
    ci_heading,
    difference_heading,
    error_decimals,
    interval_cell,
    one_scale,
    outcome_digits,
    scale_note,
    shown_cell,
    shown_number,
)


def robustness_table(results: Sequence[AnalysisResult], labels: Labels) -> Table:
    """Set every analysis of one outcome, in the plan's order; the headline model is set apart.

    Parameters
    ----------
    results : sequence of AnalysisResult
        All of one outcome.
    labels : Labels

    Raises
    ------
    ValueError
        If there is none, or if they belong to several outcomes.
    """
    outcomes = {result.spec.outcome for result in results}
    if len(outcomes) != 1:
        raise ValueError(f"one outcome is wanted, not {len(outcomes)}")
    outcome = outcomes.pop()
    same, others = one_scale(in_plan_order(results, labels), labels)
    results = [*same, *sorted(others, key=lambda result: result.scale.name)]
    decimals = outcome_digits(outcome, labels, None, results[0]).difference
    levels = dict.fromkeys(result.spec.level for result in results)
    with_population = any(result.spec.population != "available" for result in results)
    tests = [equivalence_test(result, labels) for result in results]
    equivalent = f"{tost_level(results[0])} CI" if len(levels) == 1 else "CI"
    columns = [Column("Model", align="left", width=3.0)]
    columns += [Column("Population", align="left", width=1.6)] * with_population
    columns += [
        Column(ci_heading("Difference", results), width=2.7),
        Column("Standard error", width=1.0),
        Column("df", width=0.7),
        Column("df method", align="left", width=1.5),
        Column("p", width=0.8),
        Column(ci_heading("Standardised", results), width=2.7),
    ]
    columns += [
        Column(equivalent, "Equivalence", width=1.9),
        Column("TOST p", "Equivalence", width=0.8),
        Column("Smallest margin", "Equivalence", width=1.0),
    ] * any(tests)
    columns += [Column(capital(labels.people), "Analysed", width=0.8)]
    units = labels.level_words
    sizes = [result.estimate.clusters(len(units)) for result in results]
    # what an earlier version stored doesn't count every level
    told = [at for at in reversed(range(len(units))) if at == 0 or any(of[at] is not None for of in sizes)]
    columns += [Column(capital(plural(units[at])), "Analysed", width=0.7) for at in told]
    groups: dict[str, list[Row]] = {}
    said: dict[str, list[str]] = {}
    for result, test, clusters in zip(results, tests, sizes, strict=True):
        e, s, scale = result.estimate, result.standardised, result.scale
        own = outcome_digits(outcome, labels, None, result).difference if not scale.natural else decimals
        headline = result.spec.model == labels.headline(outcome) if outcome in labels.content.outcomes else False
        own_level = f"; {level_words(result.spec.level)} CI" if len(levels) > 1 else ""
        cells = [labels.model(result.spec.model) + (" (headline)" if headline else "") + own_level]
        cells += [labels.population(result.spec.population)] * with_population
        cells += [
            shown_cell(e, scale, own) if result.estimable else NOT_ESTIMABLE,
            number(scale.in_units(e.se), error_decimals(scale, own)),
            degrees(e.df),
            df_words(e.df_method),
            p_value(e.p_value),
            with_interval(s.get("estimate"), s.get("ci_low"), s.get("ci_high"), 2),
        ]
        if any(tests):
            cells += (
                [DASH] * 3
                if test is None
                else [
                    interval_cell(test.ci_low, test.ci_high, scale, own),
                    p_value(test.p_value),
                    shown_number(test.smallest, scale, own),
                ]
            )
        cells += [count(e.n_participants), *(count(clusters[at]) for at in told)]
        head = capital(_unit(result, labels)) if others else ""
        groups.setdefault(head, []).append(Row(tuple(cells), strong=headline))
        for text in dict.fromkeys([*e.warnings, *(["The fit did not converge."] if e.converged is False else [])]):
            said.setdefault(text, []).append(labels.model(result.spec.model))
    contrasts = dict.fromkeys(contrast_words(result, labels) for result in results)
    unit = _unit(results[0], labels)
    average = [labels.model(result.spec.model) for result in results if is_average_of_waves(result)]
    other = bool(average) and len(average) < len(results)
    of_what = f"Difference: {'; '.join(contrasts)}, {f'in {unit}' if results[0].scale.natural else unit}."
    notes = [f"{of_what} {_same_question(results, labels, other, bool(others))}"]
    if other:
        notes[0] = f"Average of the waves, another question: {'; '.join(average)}. {notes[0]}"
    notes += list(dict.fromkeys(scale_note(result.scale, labels) for result in results if not result.scale.natural))
    notes += reason_notes(results, labels)
    notes += list(
        {
            result.scale: _margins(test, decimals, result.scale)
            for result, test in zip(reversed(results), reversed(tests), strict=True)
            if test
        }.values()
    )[::-1]
    notes += [f"{text} ({'; '.join(models)})" for text, models in said.items()]
    return Table(
        f"robustness-{outcome.replace('_', '-')}",
        f"{labels.outcome(outcome)}: all models",
        tuple(columns),
        tuple(RowGroup(head, tuple(rows)) for head, rows in groups.items()),
        tuple(notes),
    )


def _same_question(results: Sequence[AnalysisResult], labels: Labels, other: bool, others: bool) -> str:
    """Which models estimate the same difference: not those of other people, nor with another use of the baseline."""
    which = f"{'Other models' if other else 'Models'}{' on one scale' if others else ''}"
    its = choices_of(results[0], labels).get(BASELINE)
    if any(
        one.spec.population != results[0].spec.population or choices_of(one, labels).get(BASELINE) != its
        for one in results
    ):
        return (
            f"{which} of the same {labels.people} and the same use of the first measurement estimate the same "
            "difference under different assumptions; the rest ask other questions."
        )
    return f"{which} estimate the same difference under different assumptions."


def _unit(result: AnalysisResult, labels: Labels) -> str:
    outcome = result.spec.outcome
    points = labels.points(outcome) if labels.is_binary(outcome) else "points of the outcome"
    return difference_heading(result.scale, points)


def _margins(test: Tested, decimals: int, scale: Scale) -> str:
    source = f" ({test.source})" if test.source else ""
    margins = margin_text(scale.shown(test.low), scale.shown(test.high), decimals)
    of = "" if scale.natural else f" of the {scale.difference}"
    return (
        f"Equivalence{of}: two one-sided tests against the margins {margins}{source}, "
        "with the df of the analysis; declared where the interval lies between the margins. Smallest margin: the "
        "smallest symmetric one at which it would be declared."
    )


def tables(material: Material) -> Iterator[TableOrder]:
    """One table for each outcome with several analyses."""
    for outcome, rows in by_outcome(material.results, material.labels).items():
        if len(arm_differences(rows)) > 1:
            yield order_table(robustness_table, arm_differences(rows), labels=material.labels, outcome=outcome)
