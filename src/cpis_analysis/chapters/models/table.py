"""One analysis in full: fixed part, size of the data and fit, random part last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.analyses.estimate import NOT_ESTIMABLE, AnalysisResult, Estimate
from cpis_analysis.analyses.rows.coefficients import INTERCEPT, Part
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.pending_exhibit import TableOrder, order_table
from cpis_analysis.methods import degrees_of, method_of
from cpis_analysis.plan.contrast import STANDARDISED, STANDARDISED_RATIO
from cpis_analysis.plan.naming import plural
from cpis_analysis.plan.outcome_scale import POINTS, RISK, Scale
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import (
    INFINITY,
    Digits,
    capital,
    ci_head,
    count,
    degrees,
    interval,
    is_missing,
    level_words,
    number,
    p_value,
    sd_variance,
    with_interval,
)
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.contrast_words import words_of_contrast
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.methods import estimator_words, inference_note
from cpis_analysis.words.order_of_analyses import in_plan_order
from cpis_analysis.words.scales import (
    error_decimals,
    interval_cell,
    outcome_digits,
    scale_note,
    shown_cell,
    shown_number,
)


def model_table(result: AnalysisResult, labels: Labels) -> Table:
    """Set the details of one analysis.

    Parameters
    ----------
    result : AnalysisResult
    labels : Labels
    """
    e, spec = result.estimate, result.spec
    digits = Digits(0, outcome_digits(spec.outcome, labels, None, result).difference + 1)
    log_odds = method_of(spec).log_odds(spec)
    decimals = 3 if log_odds else digits.difference
    units = result.scale.in_units
    own = POINTS.in_units if log_odds else units
    statistic = degrees_of(spec).statistic
    columns = (
        Column("Term", align="left", width=3.2),
        Column("Estimate", width=1.1),
        Column("Standard error", width=1.1),
        Column(ci_head("", level_words(spec.level)), width=1.8),
        Column("df", width=0.8),
        Column(statistic, width=0.8),
        Column("p", width=0.8),
    )
    fixed = [
        Row(
            (
                _words_of(str(row["term"]), result, labels),
                number(own(row["estimate"]), decimals),
                number(own(row["std_error"]), decimals),
                interval(own(row["ci_low"]), own(row["ci_high"]), decimals),
                _degrees(row["df"]),
                number(row["statistic"], 2),
                p_value(row["p_value"]),
            )
        )
        for row in result.coefficients
    ]
    blank = ("",) * (len(columns) - 2)
    if not result.estimable:
        row = Row((capital(NOT_ESTIMABLE), *("",) * (len(columns) - 1)))
        return Table(
            f"model-{slug(spec.name)}",
            f"{labels.outcome(spec.outcome)}: {labels.model(spec.model)}",
            columns,
            (RowGroup("", (row,)),),
            tuple(_notes(result, labels)),
        )
    sizes = _sizes(e, labels)
    scale = ": log odds" if log_odds else ": percentage points" if labels.is_binary(spec.outcome) else ""
    scale = scale if result.scale.natural else f", {result.scale.phrase}"
    groups = [RowGroup(f"Fixed part{scale}", tuple(fixed))] if fixed else []
    if result.adjusted_means:
        on_outcome = method_of(spec).standardises
        of_means, places = units, digits.difference - 1
        if on_outcome:
            binary = labels.is_binary(spec.outcome)
            of_means, places = (RISK if binary else POINTS).in_units, labels.digits(spec.outcome).level
        means = [
            Row(
                (
                    labels.arm(row["arm"]) + (f", {labels.wave(row['wave'])}" if not is_missing(row["wave"]) else ""),
                    number(of_means(row["estimate"]), places),
                    number(of_means(row["std_error"]), places),
                    interval(of_means(row["ci_low"]), of_means(row["ci_high"]), places),
                    _degrees(row["df"]),
                    "",
                    "",
                )
            )
            for row in result.adjusted_means
        ]
        name = "Adjusted risks (per cent)" if labels.is_binary(spec.outcome) else "Adjusted means"
        if on_outcome:
            name = name.replace("Adjusted", "Standardised")
        else:
            name += "" if result.scale.natural else f", {result.scale.phrase}"
        groups.append(RowGroup(name, tuple(means)))
    beside = [
        Row(
            (
                "Ratio of risks" if result.scale_of(one).is_ratio else "Difference",
                *_shown(one, result.scale_of(one), labels.digits(spec.outcome).difference),
            )
        )
        for one in result.contrasts
        if one.contrast.kind in (STANDARDISED, STANDARDISED_RATIO)
    ]
    if beside:
        groups.append(RowGroup("Standardised to everybody analysed, random effects averaged over", tuple(beside)))
    groups.append(RowGroup("Size and fit", tuple(Row((label, value, *blank)) for label, value in sizes)))
    if result.variance_components:
        groups.append(
            RowGroup(
                "Random part: standard deviation (variance)",
                tuple(
                    Row((_component(row, result, labels), _spread(row, result.scale, digits.difference), *blank))
                    for row in result.variance_components
                ),
            )
        )
    for name, found in (
        (
            f"Correlation of {labels.person.with_article}'s residuals at two waves",
            _correlations(result, labels, len(columns)),
        ),
        ("Share of the variance between clusters (intraclass correlation)", _shares(result, labels, len(columns))),
    ):
        rows = tuple(found)
        groups += [RowGroup(name, rows)] if rows else []
    return Table(
        f"model-{slug(spec.name)}",
        f"{labels.outcome(spec.outcome)}: {labels.model(spec.model)}",
        columns,
        tuple(groups),
        tuple(_notes(result, labels)),
    )


def _correlations(result: AnalysisResult, labels: Labels, columns: int) -> Iterator[Row]:
    """Every two waves, in each arm where the model has them apart."""
    for row in result.checks.get("residual_correlations", []):
        waves = f"{labels.wave(row['first'])} and {labels.wave(row['second'])}"
        arm = "" if is_missing(row["arm"]) else f"{labels.arm(row['arm'])}: "
        yield Row((f"{arm}{waves}", number(row["correlation"], 2), *("",) * (columns - 2)))


def _shares(result: AnalysisResult, labels: Labels, columns: int) -> Iterator[Row]:
    """Each level's share after adjustment with its interval, and the same in a model without covariates."""
    for row in result.variance_components:
        if is_missing(row.get("share")):
            continue
        name, low, high = _component(row, result, labels), row["share_low"], row["share_high"]
        blank = ("",) * (columns - 4)
        yield Row((name, number(row["share"], 3), "", interval(low, high, 3), *blank))
        if not is_missing(row.get("share_empty")):
            yield Row((f"{name}, without covariates", number(row["share_empty"], 3), "", "", *blank))


def _shown(one: Estimate, scale: Scale, decimals: int) -> tuple[str, ...]:
    """Estimate, standard error, interval, df, statistic and p of a row on a scale of its own."""
    places = 2 if scale.is_ratio else decimals
    return (
        shown_number(one.estimate, scale, places),
        number(scale.in_units(one.se), error_decimals(scale, places)),
        interval_cell(one.ci_low, one.ci_high, scale, places),
        _degrees(one.df),
        number(one.statistic, 2),
        p_value(one.p_value),
    )


def coefficient_words(parts: Sequence[Part], labels: Labels) -> str:
    """Words for a coefficient, such as "Arm: New × Wave: Follow-up"."""
    return " × ".join(_factor(part, labels) for part in parts) or "Intercept"


def _sizes(e: Estimate, labels: Labels) -> list[tuple[str, str]]:
    """Rows, people and clusters of an analysis, and its likelihood where it has one."""
    sizes = [("Rows analysed", count(e.n_obs)), (capital(labels.people), count(e.n_participants))]
    units = labels.level_words
    for unit, n in reversed(list(zip(units, e.clusters(len(units)), strict=True))):
        sizes += [(capital(plural(unit)), count(n))] if n is not None else []
    if not is_missing(e.reml_loglik):
        sizes.append(("REML log-likelihood", number(e.reml_loglik, 2)))
    return sizes


def _factor(part: Part, labels: Labels) -> str:
    name, code = part
    if code is None:
        return labels.variable(name)
    if name == labels.design.arm.variable:
        return f"{labels.variable(name)}: {labels.arm(code)}"
    if name == "wave":
        return f"Wave: {labels.wave(code)}"
    if name in labels.design.clusters:
        return f"{capital(labels.design.noun_of(name))}: {labels.choice(name, code)}"
    return f"{labels.variable(name)}: {labels.choice(name, code)}"


def _words_of(name: str, result: AnalysisResult, labels: Labels) -> str:
    return coefficient_words(result.parts[name], labels) if name in result.parts else name


def _component(row: dict, result: AnalysisResult, labels: Labels) -> str:
    group = str(row["group"])
    if group == "Residual":
        arm, wave = row.get("arm"), row.get("wave")
        own = [labels.arm(arm)] if not is_missing(arm) else []
        own += [labels.wave(wave)] if not is_missing(wave) else []
        return ", ".join(["Residual", *own])
    names: dict[str, str] = {labels.design.participant: capital(labels.person), "wave": "wave"}
    names |= {level.variable: level.noun for level in labels.design.levels}
    parts = [names.get(part, part) for part in group.split(":")]
    words = " × ".join(part if index else part[:1].upper() + part[1:] for index, part in enumerate(parts))
    name = str(row["name"])
    return words if name == INTERCEPT else f"{words}: {_words_of(name, result, labels)}"


def _spread(row: dict, scale: Scale, decimals: int) -> str:
    # a variance has the square of the unit
    variance = scale.in_units(scale.in_units(row["variance"]))
    return sd_variance(scale.in_units(row["std_dev"]), variance, decimals)


def _notes(result: AnalysisResult, labels: Labels) -> list[str]:
    e, spec = result.estimate, result.spec
    notes = [
        f"Formula: {spec.formula}",
        f"{capital(estimator_words(spec, labels))}; {inference_note(spec, e.df_method, labels)}"
        + f". Population: {labels.population(spec.population).lower()}.",
    ]
    if not result.scale.natural:
        notes.append(scale_note(result.scale, labels))
    if result.scale.is_ratio and result.estimable:
        decimals = outcome_digits(spec.outcome, labels, None, result).difference
        notes.append(
            f"Reported effect: {words_of_contrast(e.contrast, labels)}; {result.scale.effect(spec.effect)} "
            f"{shown_cell(e, result.scale, decimals)}."
        )
    s = result.standardised
    if s and not is_missing(s.get("estimate")):
        sd_digits = outcome_digits(spec.outcome, labels, None, result).difference
        notes.append(
            f"Reported effect: {words_of_contrast(e.contrast, labels)}; standardised "
            f"{with_interval(s['estimate'], s['ci_low'], s['ci_high'], 2)} with the {s.get('sd_source')} standard "
            f"deviation {number(s.get('sd'), sd_digits)}."
        )
    units = labels.shared_words
    iccs = zip(units, e.correlations(len(units)), strict=True)
    known = [f"{word} {number(value, 3)}" for word, value in iccs if not is_missing(value)]
    if known:
        notes.append(f"Intraclass correlation: {', '.join(known)}.")
    said = dict.fromkeys([*result.messages, *e.warnings])
    return [*notes, *said]


def _degrees(value: object) -> str:
    return INFINITY if value == "inf" else degrees(value)


def tables(material: Material) -> Iterator[TableOrder]:
    """One table for each analysis, in the plan's order."""
    labels = material.labels
    for result in in_plan_order(material.results, labels):
        yield order_table(model_table, result, labels=labels, outcome=result.spec.outcome)
