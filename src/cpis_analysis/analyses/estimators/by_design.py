"""The test that the allocation of the arm asks for, chosen by the design alone."""

from __future__ import annotations

from dataclasses import replace

from cpis_analysis.analyses.estimators.cluster_summary import compare_cluster_means
from cpis_analysis.analyses.estimators.ols_cr2 import fit_cluster_robust
from cpis_analysis.analyses.fitted import Around, Fitted
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.methods import cluster_summary, ols_cr2
from cpis_analysis.methods.by_design import METHOD
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study_words import PEOPLE


def fit_by_design(spec: AnalysisSpec, rows: AnalysisRows, around: Around) -> Fitted:
    """Compare cluster means where the arm varies within trusts, else people with errors by trust.

    The level of the arm is that of the people analysed (`study.allocation`), which no outcome enters:

    - teams of both arms in some trusts: `compare_cluster_means` by team;
    - the arm belongs to the trust: `fit_cluster_robust` by trust;
    - there are no clusters: `fit_cluster_robust` by person, which is HC2.

    Raises
    ------
    ModelError
        As `chosen_test`; and whatever the two refuse.

    Notes
    -----
    Measured sizes of both stand in docs/error_rates.md: the first rejects too often where the arm belongs to the trust,
    the second is the dearer one elsewhere.
    """
    chosen = chosen_test(spec, rows)
    fit = compare_cluster_means if chosen.estimator == cluster_summary.METHOD.name else fit_cluster_robust
    fitted = fit(chosen, rows, around)
    return replace(fitted, contrast=replace(fitted.contrast, df_method=chosen.df_method))


def chosen_test(spec: AnalysisSpec, rows: AnalysisRows) -> AnalysisSpec:
    """The same analysis by the estimator, clusters and degrees of freedom that the allocation asks for.

    Raises
    ------
    ModelError
        Where people were given the arm one by one, for which neither is made; an interaction of the arm.
    """
    own = [term for term in rows.formula.fixed_terms if any(operand.variable == spec.arm for operand in term)]
    if any(len(term) > 1 for term in own):
        message = f"a test by allocation can't hold interactions of {spec.arm}"
        raise ModelError(
            f"The analysis {spec.name} can't be run.",
            Problem(
                message,
                value=spec.formula,
                hint=f"write {spec.arm} without an interaction, or choose estimator: ols_cr2",
            ),
        )
    counted, robust = METHOD.degrees
    by_person = replace(spec, estimator=ols_cr2.METHOD.name, df_method=robust.name, cluster=rows.allocation.variable)
    if rows.allocation.level == "trust":
        return by_person
    if rows.allocation.level == "team":
        return replace(by_person, estimator=cluster_summary.METHOD.name, df_method=counted.name)
    if not spec.levels:
        return replace(by_person, cluster=spec.participant)
    problem = Problem(
        f"the arm was given to {PEOPLE} one by one, and the choice is one between tests of clusters",
        hint="name the estimator: mixed or glmm with the clusters in its formula, ols_cr2 with cluster: "
        f"{spec.participant} and {spec.trust} among its terms, or cluster_summary with pairs",
    )
    raise ModelError(f"The analysis {spec.name} can't be run.", problem)
