"""What was imputed, how much of the information was missing, and how much the draws themselves add."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.publish.format import capital, count, degrees, is_missing, number, p_value
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import in_plan_order
from cpis_analysis.words.scales import ci_heading, outcome_digits, shown_cell


def imputed_results(results: Sequence[AnalysisResult], labels: Labels) -> list[AnalysisResult]:
    """Analyses whose missing values were imputed, in the plan's order."""
    return [one for one in in_plan_order(list(results), labels) if one.imputation and one.estimable]


def imputation_table(results: Sequence[AnalysisResult], labels: Labels) -> Table | None:
    """Set the imputed analyses; None where there are none.

    Parameters
    ----------
    results : sequence of AnalysisResult
        Of `imputed_results`.
    labels : Labels
    """
    if not results:
        return None
    columns = (
        Column("Analysis and variable", align="left", width=3.2),
        Column(ci_heading("Difference", results), width=2.7),
        Column("df", width=0.7),
        Column("p", width=0.8),
        Column(capital(labels.people), width=0.8),
        Column("Missing", width=0.9),
        Column("Imputations", width=1.1),
        Column("Missing information", width=1.1),
        Column("Monte Carlo error of p", width=1.2),
        Column("Agreement of chains", width=1.1),
    )
    groups = [RowGroup(labels.outcome(one.spec.outcome), tuple(_rows(one, labels))) for one in results]
    notes = (
        f"{capital(labels.people)}: all who are analysed. Missing: values that were imputed, by variable. Missing "
        "information: the share of what complete data would tell of the difference. Monte Carlo error: the standard "
        "error of the p-value because the imputations are a sample of all possible ones. Agreement of chains: "
        "potential scale reduction of the imputed values, which is near one where chains from different starts agree.",
        f"Chained equations with drawn effects of clusters; Rubin's rules with {_freedom(results, labels)}.",
    )
    return Table("imputation", "Missing values imputed: result and how it was reached", columns, tuple(groups), notes)


def _freedom(results: Sequence[AnalysisResult], labels: Labels) -> str:
    """Where the degrees of freedom come from; records of earlier versions do not hold those of the people observed."""
    known = [one.imputation.get("observed_df") is not None for one in results]
    ways = []
    if any(known):
        ways.append(f"degrees of freedom of at most those of the same analysis of {labels.people} with complete values")
    if not all(known):
        ways.append("Barnard and Rubin's degrees of freedom, which start from those of the completed data sets")
    return ", or, where these can't be had, ".join(ways)


def _rows(one: AnalysisResult, labels: Labels) -> Iterator[Row]:
    e, account = one.estimate, one.imputation
    decimals = outcome_digits(one.spec.outcome, labels, None, one).difference
    yield Row(
        (
            labels.model(one.spec.model),
            shown_cell(e, one.scale, decimals),
            degrees(e.df),
            p_value(e.p_value),
            "" if is_missing(account["n_people"]) else count(account["n_people"]),
            "",
            count(account["m"]),
            number(account["missing_information"], 2),
            number(account["mc_error_p"], 3),
            "",
        ),
        strong=True,
    )
    for part in account["variables"]:
        cells = [""] * 7
        yield Row(
            (
                labels.variable(part["variable"]),
                *cells[:4],
                count(part["n_missing"]),
                *cells[4:7],
                number(part["scale_reduction"], 2),
            )
        )


def tables(material: Material) -> Iterator[Table]:
    """One table of all imputed analyses."""
    table = imputation_table(imputed_results(material.results, material.labels), material.labels)
    if table:
        yield table
