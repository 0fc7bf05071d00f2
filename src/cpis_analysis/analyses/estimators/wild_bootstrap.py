"""Least squares with the wild cluster bootstrap."""

from __future__ import annotations

from cpis_analysis.analyses.fitted import Around, Fitted
from cpis_analysis.analyses.resampled import random_of, refused, resampled_fit
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.cluster_level import crowded_clusters
from cpis_analysis.analyses.rows.effect import effect_term, references
from cpis_analysis.analyses.several_arms import without_joint
from cpis_analysis.lmm import ols
from cpis_analysis.lmm.designs.clusters import cluster_codes
from cpis_analysis.lmm.fits.robust import VANISHING
from cpis_analysis.lmm.resampling.allocations import cluster_weights, draws_weights
from cpis_analysis.lmm.resampling.wild import wild_bootstrap
from cpis_analysis.plan.naming import noun_of, plural
from cpis_analysis.plan.specification import AnalysisSpec


def fit_wild_bootstrap(spec: AnalysisSpec, rows: AnalysisRows, around: Around) -> Fitted:
    """Fit the formula by least squares; p-value and interval by the wild cluster bootstrap.

    Raises
    ------
    ModelError
        Where the arm belongs to the trust and the clusters are teams; if the effect is not a coefficient of the model,
        does not move when clusters are left out, or is told by one cluster alone.
    """
    if rows.allocation.level == "trust" and spec.cluster != spec.trust:
        teams = plural(noun_of(str(spec.team)))
        raise refused(
            spec,
            f"the arm belongs to the {noun_of(spec.trust)}, so {teams} of one are not independent of each other",
            hint=f"set cluster: {spec.trust}",
        )
    fit = ols(rows.formula, rows.frame, reference=references(spec, rows))
    term = effect_term(spec, rows.other_arm, fit.design, list(fit.term_names))
    by = spec.cluster_group
    count = int(cluster_codes(fit.design, by, rows.frame)[0].max()) + 1
    weights = cluster_weights(count, spec.weights, random_of(spec, around))
    found = wild_bootstrap(fit, term, by, weights, data=rows.frame)
    if not found.se > VANISHING * float(fit.vcov().loc[term, term]) ** 0.5:
        raise refused(
            spec,
            f"clusters by {spec.cluster} leave no variance to be estimated: the effect stays whichever is left out",
            spec.formula,
            hint="leave covariates of clusters out, or choose a level with more clusters",
        )
    return resampled_fit(
        spec,
        found,
        drawn=draws_weights(count, spec.weights),
        kind="resamples",
        warnings=crowded_clusters(spec, rows, fit.design),
        messages=without_joint(rows, "the bootstrap tests one comparison at a time"),
    )
