"""What models report beside their effect: averages, joint tests, differences at a moderator's levels."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.present.format import DASH, count, degrees, is_missing, level_words, number, p_value, with_interval
from cpis_analysis.present.labels import Labels
from cpis_analysis.present.methods import df_words
from cpis_analysis.present.order import in_plan_order
from cpis_analysis.present.table import Column, Row, RowGroup, Table
from cpis_analysis.present.table_outcomes import outcome_digits

__all__ = ["contrasts_table"]


def contrasts_table(results: Sequence[AnalysisResult], labels: Labels) -> Table:
    """Set every contrast of one outcome's models, the interaction before the differences at its levels.

    Parameters
    ----------
    results : sequence of AnalysisResult
        Of one outcome; those without further contrasts are left out.
    labels : Labels
    """
    results = in_plan_order([result for result in results if result.contrasts], labels)
    outcome = results[0].spec.outcome
    decimals = outcome_digits(outcome, labels, None, results[0]).difference
    level = level_words(results[0].spec.level)
    columns = (
        Column("Contrast", align="left", width=4.0), Column(f"Estimate ({level} CI)", width=2.7),
        Column("Statistic", width=1.0), Column("df", width=1.1), Column("df method", align="left", width=1.5),
        Column("p", width=0.8), Column("People", width=0.8),
    )
    groups, said = [], []
    for result in results:
        rows = tuple(_row(estimate, decimals, labels) for estimate in (result.estimate, *result.contrasts))
        groups.append(RowGroup(labels.model(result.spec.model), rows))
        said += [text for text in result.estimate.warnings if text not in said]
    notes = (
        "Look at the interaction first: differences at single levels can be on either side of 0.05 by chance although "
        "they do not differ. A joint test has an F statistic, with both degrees of freedom, and no estimate.",
        *said,
    )
    caption = f"{labels.outcome(outcome)}: moderators and further contrasts"
    return Table(f"contrasts-{outcome.replace('_', '-')}", caption, columns, tuple(groups), notes)


def _row(estimate: Estimate, decimals: int, labels: Labels) -> Row:
    joint = is_missing(estimate.estimate)
    shown = DASH if joint else with_interval(estimate.estimate, estimate.ci_low, estimate.ci_high, decimals)
    df = degrees(estimate.df)
    return Row((
        labels.contrast(estimate.contrast), shown, ("F " if joint else "t ") + number(estimate.statistic, 2),
        f"{count(int(estimate.num_df))}, {df}" if joint and estimate.num_df else df, df_words(estimate.df_method),
        p_value(estimate.p_value), count(estimate.n_participants),
    ))
