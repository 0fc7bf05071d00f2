"""Tables on confounding: differences before and after weighting, and E-values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.confounding.love_chart import balanced_results, cluster_noun, of_row
from cpis_analysis.disclosure.counts import WITHHELD
from cpis_analysis.methods.balancing import BALANCINGS, TARGETS
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import capital, ci_head, is_missing, level_words, number, with_interval
from cpis_analysis.publish.sources.sourced_columns import rows_of
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import by_outcome
from cpis_analysis.words.wording import mid_sentence

_MADE_OF = {
    "smd": "standardised difference",
    "risk ratio": "risk ratio",
    "rate ratio": "rate ratio",
    "odds ratio, rare": "odds ratio, rare event",
    "odds ratio, common": "square root of the odds ratio",
    "hazard ratio, rare": "hazard ratio, rare event",
    "hazard ratio, common": "hazard ratio, common event",
}


def balance_table(results: Sequence[AnalysisResult], labels: Labels) -> Table:
    """Set the weighted analyses of one outcome: what is drawn of the first, of all of them.

    Parameters
    ----------
    results : sequence of AnalysisResult
        Of `balanced_results`, at least one.
    labels : Labels
    """
    outcome = results[0].spec.outcome
    clusters = next(filter(None, (cluster_noun(one, labels) for one in results)), "")
    columns = [
        Column("Analysis and characteristic", align="left", width=3.4),
        Column("Before", capital(labels.people), width=1.0),
        Column("Weighted", capital(labels.people), width=1.0),
    ]
    if clusters:
        columns += [Column(text, capital(clusters), width=1.0) for text in ("Before", "Weighted")]
    groups = [
        RowGroup(
            f"{labels.model(one.spec.model)}: {_sizes(one, labels)}",
            tuple(_balance_row(part, bool(clusters), labels) for part in one.balance["differences"]),
        )
        for one in results
    ]
    kinds = dict.fromkeys(_about(one) for one in results)
    notes = [
        f"{'; '.join(kinds)}.",
        "Difference of means (of a category: of shares) in standard deviations, the square root of the mean of the two "
        f"arms' variances before weighting. Effective sample size: {labels.people} of equal weight who would give as "
        "exact a mean (Kish).",
    ]
    if clusters:
        notes.append(
            f"{capital(clusters)}: difference of the means of {clusters}, each counting once, in standard deviations "
            f"of these means; weights of {labels.people} do not make them equal."
        )
    if any(part["hidden"] for one in results for part in one.balance["differences"]):
        notes.append(f"{WITHHELD}: withheld, because few {labels.people} have a category in an arm.")
    return Table(
        f"balance-{slug(outcome)}",
        f"{labels.outcome(outcome)}: how alike the arms are before and after weighting",
        tuple(columns),
        tuple(groups),
        tuple(notes),
    )


def _about(one: AnalysisResult) -> str:
    kind, target = BALANCINGS[one.balance["method"]], one.balance["target"]
    return capital(kind.short) + (f" towards {TARGETS[target]}" if target else "")


def _sizes(one: AnalysisResult, labels: Labels) -> str:
    arm, reference = one.estimate.contrast.arms
    shown = [
        f"{number(one.balance[f'effective_n_{key}'], 0)} of {number(one.balance[f'n_{key}'], 0)} ({labels.arm(code)})"
        for key, code in (("reference", reference), ("other", arm))
    ]
    return f"effective sample size {' and '.join(shown)}"


def _balance_row(part: dict[str, Any], clusters: bool, labels: Labels) -> Row:
    keys = ["people_before", "people_after", *(["clusters_before", "clusters_after"] if clusters else [])]
    cells = [WITHHELD if part["hidden"] else number(part[key], 2) for key in keys]
    return Row((of_row(part, labels), *cells))


def e_value_rows(estimates: pd.DataFrame, labels: Labels) -> list[dict[str, Any]]:
    """One row of results/estimates.csv for each outcome that has E-values, in the plan's order.

    Of an outcome's rows the headline's where it has one, else the first ratio of risks, else the first that has one.
    """
    if "e_value" not in estimates:
        return []
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(estimates):
        if not is_missing(row["e_value"]):
            found.setdefault(str(row["outcome"]), []).append(row)
    chosen = []
    for outcome in labels.outcomes():
        rows = found.get(outcome, [])
        if rows and not labels.is_control(outcome):
            own = [row for row in rows if row["model"] == labels.headline(outcome)]
            risks = [row for row in rows if row["risk_ratio_by"] == "risk ratio"]
            chosen.append((own or risks or rows)[0])
    return chosen


def e_values_table(rows: Sequence[dict[str, Any]], labels: Labels, level: float) -> Table:
    """Set E-values of estimate and limit with the risk ratio that they are of."""
    columns = (
        Column("Outcome", align="left", width=2.6),
        Column("Analysis", align="left", width=2.4),
        Column(ci_head("As a risk ratio", level_words(level)), width=2.2),
        Column("Made of", align="left", width=2.0),
        Column("Of the estimate", "E-value", width=1.0),
        Column("Of the nearer limit", "E-value", width=1.1),
    )
    body = tuple(
        Row(
            (
                labels.outcome(str(row["outcome"])),
                labels.model(str(row["model"])),
                with_interval(row["risk_ratio"], row["risk_ratio_ci_low"], row["risk_ratio_ci_high"], 2),
                _MADE_OF[str(row["risk_ratio_by"])],
                number(row["e_value"], 2),
                number(row["e_value_limit"], 2),
            ),
            strong=labels.content.outcomes[str(row["outcome"])].role == "primary",
        )
        for row in rows
    )
    notes = (
        "E-value: the risk ratio by which something unmeasured would have to go with the arm, and by which it would "
        "have to go with the outcome, both above what was adjusted for, to explain the whole difference by itself "
        "(VanderWeele & Ding 2017). The least is 1: nothing is needed. Of the nearer limit: to move the end of the "
        "interval that is nearer to no difference there; 1 where the interval includes no difference.",
        "A standardised difference d is made a risk ratio by exp(0.91 d), a common odds ratio by its square root: both "
        f"are approximate.{_whose_deviation(rows, labels)}",
    )
    return Table(
        "e-values", "How strong unmeasured confounding would have to be", columns, (RowGroup("", body),), notes
    )


def _whose_deviation(rows: Sequence[dict[str, Any]], labels: Labels) -> str:
    """When the standard deviations of standardised differences were measured; empty where there are none."""
    found = {str(row["std_sd_source"]) for row in rows if row["risk_ratio_by"] == "smd"}
    design = labels.content.design
    at = {"baseline": design.baseline_wave, "follow-up": design.followup_wave}
    when = [mid_sentence(labels.wave(wave)) for source, wave in at.items() if source in found and wave]
    return f" The standard deviation is that of the outcome within arms at {' or '.join(when)}." if when else ""


def tables(material: Material) -> Iterator[Table]:
    """One table of differences for each outcome with weighted analyses; E-values of a study that was not randomised."""
    labels = material.labels
    for rows in by_outcome(material.results, labels).values():
        weighted = balanced_results(rows)
        if weighted:
            yield balance_table(weighted, labels)
    found = [] if labels.content.study.randomised else e_value_rows(material.estimates, labels)
    if found:
        level = next(one.spec.level for one in material.results)
        yield e_values_table(found, labels, level)
