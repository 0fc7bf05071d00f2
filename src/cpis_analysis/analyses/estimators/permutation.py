"""Two-stage comparison of cluster means by permutation, under the allocations that the design allows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cpis_analysis.analyses.estimators.cluster_summary import arm_of_clusters, compare_cluster_means, with_own_arm
from cpis_analysis.analyses.fitted import Around, Fitted
from cpis_analysis.analyses.resampled import random_of, refused, resampled_fit
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.cluster_cells import cells_of
from cpis_analysis.analyses.rows.cluster_level import cluster_numbers, constant_within
from cpis_analysis.analyses.rows.named_estimability import told_columns
from cpis_analysis.analyses.several_arms import two_arms, without_joint
from cpis_analysis.lmm.resampling.allocations import MOST, allocations, count_allocations
from cpis_analysis.lmm.resampling.two_stage import TwoStages, permuted
from cpis_analysis.plan.naming import noun_of, plural
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.coding import cluster_label
from cpis_analysis.study_words import PEOPLE


@dataclass(frozen=True, eq=False)
class StagedDesign:
    """A comparison of cluster means whose arms can be exchanged.

    Attributes
    ----------
    spec : AnalysisSpec
        As a comparison of cluster means has it, with the clusters that have the arm.
    stages : TwoStages
    rows : AnalysisRows
        With the levels of `spec`.
    strata : (K,) int
        Within which clusters exchange their arms.
    clusters : tuple of tuple of str
        Labels of the clusters, those of the larger ones that they lie in first.
    """

    spec: AnalysisSpec
    rows: AnalysisRows
    stages: TwoStages
    strata: np.ndarray
    clusters: tuple[tuple[str, ...], ...]


def permute_clusters(spec: AnalysisSpec, rows: AnalysisRows, around: Around) -> Fitted:
    """Compare cluster means, and find p-value and interval by exchanging the arms of clusters.

    The level of the arm is that of the people analysed (`study.allocation`), which no outcome enters:

    - teams of both arms in some trusts: the teams of each trust exchange their arms; the estimate is the mean over
      trusts with both arms of the difference between their teams, that of `cluster_summary` with ``pairs``;
    - with ``across``: all teams exchange their arms, and the estimate is that of `cluster_summary`;
    - the arm belongs to the trust: trusts exchange their arms.

    With three levels the clusters that have the arm are the teams, and those of the next level above the trusts:
    classes exchange their arms within schools, schools within districts.

    Of several arms each is compared with the reference among the clusters of the two.

    Raises
    ------
    ModelError
        Where people were given the arm one by one; ``across`` where the arm belongs to the trust; one allocation only;
        and whatever a comparison of cluster means refuses.
    """
    apart = without_joint(rows, "each arm exchanges with the reference alone, and the others stay out of it")
    rows = two_arms(spec, rows)
    design = staged_design(spec, rows)
    # the same estimate; what it refuses is refused here too
    plain = compare_cluster_means(design.spec, design.rows, around)
    chosen, drawn = allocations_of(design, random_of(spec, around))
    return resampled_fit(
        spec,
        permuted(design.stages, chosen),
        drawn=drawn,
        kind="allocations",
        warnings=plain.warnings,
        messages=(*plain.messages, *apart),
        adjusted=plain.adjusted_means,
    )


def staged_design(spec: AnalysisSpec, rows: AnalysisRows, *, whole: bool = False) -> StagedDesign:
    """The arrays of both stages; `whole`: the arms are compared as wholes wherever they vary.

    Raises
    ------
    ModelError
        As `permute_clusters`, but for what a comparison of cluster means refuses.
    """
    level = rows.allocation.level
    if level == "individual":
        raise refused(
            spec,
            f"the arm was given to {PEOPLE} one by one, so clusters have no arms to exchange",
            hint="use sign_changes, which compares the arms within each cluster",
        )
    if spec.across and level == "trust":
        raise refused(
            spec,
            f"the arm belongs to the {noun_of(spec.trust)}, and {plural(noun_of(str(spec.team)))} of one have it "
            "together, so they could not have exchanged it",
            hint="leave the key across out",
        )
    shares = [str(part) for part in rows.formula.cluster_parts if part.variable == spec.arm]
    if shares:
        raise refused(
            spec,
            "the share of an arm changes with the arms that are exchanged",
            shares[0],
            hint="write the formula without means of the arm",
        )
    pairs = level == "team" and not (spec.across or whole)
    spec, rows = _of_the_arm(spec, rows)
    staged = replace(spec, cluster=rows.allocation.variable, pairs=pairs)
    cells = cells_of(staged, rows.frame)
    cluster = cluster_numbers(staged, rows.frame)
    own, _ = arm_of_clusters(staged, rows, cells)
    columns = told_columns(staged, with_own_arm(staged, rows, own))
    design = columns.design
    rest = [j for j in columns.basis.kept if design.term_names[j] != columns.term]
    constant = set(constant_within(design.X, [cluster]))
    first = np.unique(cluster, return_index=True)[1]
    treated = np.array(own)[first] == rows.other_arm
    places = [cells.places[row] for row in first]
    trust = staged.cluster_keys.index(spec.trust)
    of_trust = np.unique([place[trust] for place in places], return_inverse=True)[1]
    stages = TwoStages(
        y=design.y,
        others=design.X[:, rest],
        within=np.array([j not in constant and np.ptp(design.X[:, j]) > 0 for j in rest], dtype=bool),
        cluster=cluster,
        treated=treated,
        level=design.X[first][:, [j for j in rest if j in constant]],
        strata=of_trust if pairs else None,
    )
    strata = of_trust if pairs else np.zeros(len(treated), dtype=int)
    if count_allocations(strata, treated) < 2:
        raise refused(
            spec,
            "the design allows no other allocation than the one observed",
            hint="choose an estimator with a model of clusters, such as mixed or ols_cr2",
        )
    return StagedDesign(staged, rows, stages, strata, tuple(places))


def _of_the_arm(spec: AnalysisSpec, rows: AnalysisRows) -> tuple[AnalysisSpec, AnalysisRows]:
    """The level that has the arm as the smallest, and the next above it, within which it varies, as the largest."""
    depth = spec.levels.index(rows.allocation.variable)
    upper = spec.levels[max(0, depth - 1)]
    keys = list(spec.keys_of(upper))
    if len(keys) > 1:  # their labels may repeat
        places = rows.frame[keys].astype(str).apply(tuple, axis=1).map(cluster_label)
        rows = replace(rows, frame=rows.frame.assign(**{upper: pd.Categorical(places)}))
    return replace(spec, levels=spec.levels[max(0, depth - 1) : depth + 1]), rows


def allocations_of(design: StagedDesign, random: np.random.Generator) -> tuple[np.ndarray, bool]:
    """Allocations (n, K) that the design allows, and whether they are a random part of them."""
    treated = design.stages.treated
    return allocations(design.strata, treated, random), count_allocations(design.strata, treated) > MOST
