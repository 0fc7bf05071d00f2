"""The test that the allocation of the arm asks for, chosen by the design alone."""

from __future__ import annotations

from dataclasses import replace

from cpis_analysis.analyses.analysis_rows import AnalysisRows
from cpis_analysis.analyses.estimators.cluster_summary import compare_cluster_means
from cpis_analysis.analyses.estimators.ols_cr2 import fit_cluster_robust
from cpis_analysis.analyses.fitted import Around, Fitted
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.methods.by_design import METHOD
from cpis_analysis.plan.specification import AnalysisSpec

__all__ = ["fit_by_design"]


def fit_by_design(spec: AnalysisSpec, rows: AnalysisRows, around: Around) -> Fitted:
    """Compare cluster means where the arm varies within trusts, else people with errors by trust.

    The level of the arm is that of the people analysed (`study.allocation`), which no outcome enters:

    - teams of both arms in some trusts: `compare_cluster_means` by team;
    - the arm belongs to the trust: `fit_cluster_robust` by trust;
    - there are no clusters: `fit_cluster_robust` by person, which is HC2.

    Raises
    ------
    ModelError
        Where people were given the arm one by one, for which neither is made; an interaction of the arm; and whatever
        the two refuse.

    Notes
    -----
    Measured sizes of both stand in docs/error_rates.md: the first rejects too often where the arm belongs to the trust,
    the second is the dearer one elsewhere.
    """
    own = [term for term in rows.formula.fixed_terms if any(operand.variable == spec.arm for operand in term)]
    if any(len(term) > 1 for term in own):
        message = f"a test by allocation can't hold interactions of {spec.arm}"
        raise ModelError(f"The analysis {spec.name} can't be run.", [Problem(message, value=spec.formula)])
    counted, robust = METHOD.degrees
    if rows.allocation.level == "trust":
        return _named(fit_cluster_robust(replace(spec, cluster=rows.allocation.variable), rows, around), robust.name)
    if rows.allocation.level == "team":
        return _named(
            compare_cluster_means(replace(spec, cluster=rows.allocation.variable), rows, around), counted.name
        )
    if not spec.levels:
        return _named(fit_cluster_robust(replace(spec, cluster=spec.participant), rows, around), robust.name)
    problem = Problem(
        "the arm was given to people one by one, and the choice is one between tests of clusters",
        hint="name the estimator: mixed or glmm with the clusters in its formula, ols_cr2 with cluster: "
        f"{spec.participant} and {spec.trust} among its terms, or cluster_summary with pairs",
    )
    raise ModelError(f"The analysis {spec.name} can't be run.", [problem])


def _named(fitted: Fitted, df_method: str) -> Fitted:
    return replace(fitted, contrast=replace(fitted.contrast, df_method=df_method))
