"""Cluster means compared by permutation at levels that allow for clusters of different spread (Hagemann)."""

from __future__ import annotations

from cpis_analysis.analyses.estimators.cluster_summary import compare_cluster_means
from cpis_analysis.analyses.estimators.permutation import allocations_of, staged_design
from cpis_analysis.analyses.fitted import Around, Fitted
from cpis_analysis.analyses.resampled import random_of, refused, resampled_fit
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.several_arms import two_arms, without_joint
from cpis_analysis.lmm.resampling.adjusted import adjusted_permutation
from cpis_analysis.lmm.resampling.adjusted_levels import FEWEST, MOST_CLUSTERS
from cpis_analysis.lmm.resampling.two_stage import cluster_means
from cpis_analysis.plan.naming import noun_of, plural
from cpis_analysis.plan.specification import AnalysisSpec


def permute_adjusted(spec: AnalysisSpec, rows: AnalysisRows, around: Around) -> Fitted:
    """Compare cluster means by Hagemann's adjusted permutation.

    1. Cluster means, less the slopes of what varies among the people of clusters, as in `cluster_summary`; the clusters
       are those of the level at which the arm varies.
    2. The difference of the arms' means is compared with that of every other allocation of as many clusters; see
       `lmm.resampling.adjusted`.

    Raises
    ------
    ModelError
        Where people were given the arm one by one; covariates of clusters, whose coefficients all clusters would share;
        fewer clusters in an arm than there are levels for, or more; and whatever a comparison of cluster means refuses.
    """
    apart = without_joint(rows, "the clusters of each arm are permuted with those of the reference alone")
    rows = two_arms(spec, rows)
    design = staged_design(spec, rows, whole=True)
    if design.stages.level.shape[1]:
        raise refused(
            spec,
            "covariates that are constant within clusters are adjusted for between clusters, whose estimates are then "
            "not independent of each other",
            spec.formula,
            hint="leave them out, or use permutation",
        )
    plain = compare_cluster_means(design.spec, design.rows, around)
    treated = design.stages.treated
    counts = (int(treated.sum()), int((~treated).sum()))
    if min(counts) < FEWEST or max(counts) > MOST_CLUSTERS:
        units = plural(noun_of(str(design.spec.cluster)))
        raise refused(
            spec,
            f"there are levels for {FEWEST} to {MOST_CLUSTERS} {units} in either arm",
            " and ".join(map(str, counts)),
            hint="use permutation",
        )
    chosen, drawn = allocations_of(design, random_of(spec, around))
    return resampled_fit(
        spec,
        adjusted_permutation(cluster_means(design.stages), treated, chosen),
        drawn=drawn,
        kind=f"allocations of {counts[0]} and {counts[1]} clusters",
        share=False,
        warnings=plain.warnings,
        messages=(*plain.messages, *apart),
        adjusted=plain.adjusted_means,
    )
