"""Two-stage analysis: covariates out first, then a comparison of cluster means.

Needs no variance component, and its degrees of freedom are counted, not estimated.
Hayes & Moulton (2017), Cluster Randomised Trials, 2nd ed., ch. 10-12; Gail et al. (1996), Stat Med 15:1069.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cpis_analysis.analyses.fitted import Around, ContrastTest, Fitted, contrast_test
from cpis_analysis.analyses.means import MEAN_COLUMNS, coefficient_records
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.cluster_cells import Cells, cells_of, group_means
from cpis_analysis.analyses.rows.cluster_level import FEW_LEFT, constant_within, level_columns
from cpis_analysis.analyses.rows.cluster_slopes import (
    OVERWHELMING,
    FirstStage,
    first_stage,
    slopes_error,
    uncertain_slopes,
)
from cpis_analysis.analyses.rows.named_estimability import Columns, told_columns
from cpis_analysis.analyses.several_arms import wald_of_arms, without_joint
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import Operand
from cpis_analysis.lmm.designs.basis import orthogonalise
from cpis_analysis.lmm.designs.contrasts import inference_frame
from cpis_analysis.lmm.designs.estimability import RowSpace
from cpis_analysis.lmm.fits.robust import VANISHING
from cpis_analysis.plan.naming import counted_noun, noun_of, plural
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study_words import A_PERSON, PEOPLE

_FEWER = "leave covariates of clusters out"


def compare_cluster_means(spec: AnalysisSpec, rows: AnalysisRows, around: Around | None = None) -> Fitted:
    """Compare unweighted cluster means of covariate-adjusted outcomes between arms.

    1. Least squares of the outcome on the arm and the covariates, on everyone; paired, on the trusts too. The slopes
       are then those within arms (and trusts). Without the arm they would take a part of its effect wherever the arms
       differ in a covariate, and the estimate would shrink towards zero by the R^2 of the arm on the covariates.
    2. Mean of each cluster: of the outcomes less the slopes times what varies within clusters.
    3. Unpaired: least squares of the cluster means on the arm and the covariates that are constant within clusters;
       df = clusters - 2 - columns of these. Without such covariates this is Student's t of cluster means. Of several
       arms all share the variance within arms: df = clusters - arms - columns of these, and F tests all together.
       Paired (``pairs``): the same with one mean difference a trust, each arm's value being the unweighted mean of its
       clusters in the trust, on the differences of such covariates; df = trusts with both arms - 1 - columns of these.

    The estimate weights clusters equally: it answers for the average cluster, not for the average person.

    Raises
    ------
    ModelError
        Repeated rows of a person, an interaction with the arm, an arm that varies within clusters (unpaired), an arm
        that covariates explain or nearly tell, too few clusters or pairs, cluster means that do not vary.

    Notes
    -----
    Covariates of people cost no degree of freedom between clusters, those of clusters one for each column (Hayes &
    Moulton 2017, ch. 11). The slopes within clusters are taken as known in stage 3, as they rest on people, not on
    clusters; where the arms lie far apart in a covariate, that is too little, and is warned of, and refused where the
    slopes' uncertainty is five times that of the means of alike clusters. Unpaired without cluster-level covariates:
    SE^2 = s^2 (1/K1 + 1/K0), s^2 = sum of squares of cluster means about their arm's mean / (K1 + K0 - 2). Paired:
    SE^2 = sum (d - mean d)^2 / ((T - 1) T) over T trusts.
    """
    return compare_clusters(spec, rows, lambda columns, constant, cells: first_stage(columns, constant))


FirstOf = Callable[[Columns, list[int], Cells], FirstStage]
"""(columns, those that do not vary within clusters, cluster and arm of everybody) -> stage one."""


def compare_clusters(spec: AnalysisSpec, rows: AnalysisRows, first_of: FirstOf) -> Fitted:
    """Both stages, the first as it is given; see `compare_cluster_means`."""
    _refuse_formula(spec, rows)
    found = cells_of(spec, rows.frame)
    own, warnings = arm_of_clusters(spec, rows, found)
    cells = replace(found, arms=own)
    pair = (spec.reference, rows.other_arm)
    if spec.pairs:
        _count_pairs(spec, cells, pair)
    columns = told_columns(spec, with_own_arm(spec, rows, own))
    design = columns.design
    constant = constant_within(design.X, [cells.codes])
    first = first_of(columns, constant, cells)
    level = level_columns(spec, design, constant)
    means = cells.means(np.column_stack([first.value, first.X, design.X[:, level]]))
    n_values = 1 + first.X.shape[1]
    clusters = _Clusters(cells.units, means[:, :n_values], means[:, n_values:])
    if spec.pairs:  # trusts with the one arm and the reference, whatever other arms they have
        clusters = clusters.of(pair)
    compared = (_paired if spec.pairs else _unpaired)(spec, rows, clusters)

    # standard error where clusters do not differ
    alike = first.error * float(np.sqrt((1 / cells.people(sorted(pair))).sum()))
    if first.explained or not compared.se > VANISHING * alike:
        raise _refused(
            spec,
            "beyond the covariates the cluster means do not vary within arms, so there is nothing to "
            "reckon the uncertainty by",
            spec.formula,
            hint="leave covariates of clusters out, or choose a level with more clusters",
        )
    slopes = slopes_error(first, compared.apart)
    # a ratio in which the outcome cancels: it depends on the design alone, so a forecast finds the same
    if slopes > OVERWHELMING * alike:
        raise _refused(
            spec,
            f"covariates of {PEOPLE} nearly tell the arm: the uncertainty of their slopes, which a "
            f"comparison of cluster means leaves out, is {slopes / alike:.0f} times that of the means",
            spec.formula,
            hint="leave these covariates out, or use another estimator",
        )
    warnings += uncertain_slopes(slopes, compared.se)
    return _report(spec, rows, columns, compared, warnings)


@dataclass(frozen=True)
class _Clusters:
    """Clusters with each of their arms.

    Attributes
    ----------
    units : list of (tuple of str, str)
        Cluster and arm.
    values : (clusters, 1 + q) float
        Means of the outcomes of stage one and of what was taken out of them.
    level : (clusters, c) float
        Covariates of clusters.
    """

    units: list[tuple[tuple[str, ...], str]]
    values: np.ndarray
    level: np.ndarray

    @property
    def arms(self) -> np.ndarray:
        return np.array([arm for _, arm in self.units])

    def of(self, arms: Sequence[str]) -> _Clusters:
        kept = np.isin(self.arms, arms)
        units = [unit for unit, keep in zip(self.units, kept, strict=True) if keep]
        return _Clusters(units, self.values[kept], self.level[kept])


@dataclass(frozen=True)
class _Compared:
    """A comparison of cluster means: effect, arms (value, standard error; reference first) and df.

    `apart` (q,) is the effect on each of the covariates that stage one took out.
    """

    estimate: float
    se: float
    apart: np.ndarray
    df: int
    arms: tuple[tuple[float, float], tuple[float, float]]
    arm_df: int
    messages: tuple[str, ...] = ()
    together: tuple[ContrastTest, ...] = ()


def _report(
    spec: AnalysisSpec, rows: AnalysisRows, columns: Columns, compared: _Compared, warnings: tuple[str, ...]
) -> Fitted:
    effect, error, df = (np.array([value], dtype=float) for value in (compared.estimate, compared.se, compared.df))
    table = inference_frame([columns.term], effect, error, df, spec.level, "term")
    codes = (spec.reference, rows.other_arm)
    value, error = (np.array(column) for column in zip(*compared.arms, strict=True))
    by_arm = inference_frame(codes, value, error, np.full(2, float(compared.arm_df)), spec.level, "arm")
    adjusted = [{"arm": code, "wave": None} | {c: float(by_arm.loc[code, c]) for c in MEAN_COLUMNS} for code in codes]
    contrast = contrast_test(table.loc[columns.term])
    reason = "each arm is compared with the reference in the clusters that have both"
    apart = without_joint(rows, reason) if spec.pairs else ()
    warnings = (*_few_degrees(contrast.df), *warnings)
    return Fitted(contrast, coefficient_records(table), adjusted, contrasts=compared.together,
                  warnings=warnings, messages=(*compared.messages, *apart))  # fmt: skip


def _refuse_formula(spec: AnalysisSpec, rows: AnalysisRows) -> None:
    if rows.frame[spec.participant].duplicated().any():
        hint = "write the outcome with the name of a wave, as {outcome}_6m"
        raise _refused(spec, f"a comparison of cluster means needs one row {A_PERSON}", spec.formula, hint)
    own = [term for term in rows.formula.fixed_terms if any(operand.variable == spec.arm for operand in term)]
    if any(len(term) > 1 for term in own) or spec.effect != spec.arm:
        raise _refused(
            spec,
            f"a comparison of cluster means can't hold interactions of {spec.arm}",
            spec.formula,
            hint="write the arm without an interaction, or choose estimator: ols_cr2",
        )


def with_own_arm(spec: AnalysisSpec, rows: AnalysisRows, own: Sequence[str]) -> AnalysisRows:
    """The rows of stage one: everybody with the arm that their cluster counts for; in pairs, the trusts as columns."""
    formula, trust = rows.formula, (Operand(spec.trust),)
    terms = formula.fixed_terms
    if spec.pairs and trust not in terms:
        terms = tuple(sorted((*terms, trust), key=len))
    arm = pd.Categorical(own, categories=[spec.reference, *sorted(rows.other_arms)])
    return replace(
        rows, formula=replace(formula, fixed_terms=terms, random_terms=()), frame=rows.frame.assign(**{spec.arm: arm})
    )


def arm_of_clusters(spec: AnalysisSpec, rows: AnalysisRows, cells: Cells) -> tuple[list[str], tuple[str, ...]]:
    """Arm that each person's cluster counts for: that of most of its people, of as many the first."""
    keys = spec.cluster_keys
    if rows.allocation.level == "individual":
        if not spec.pairs:
            raise _refused(
                spec,
                f"the arm varies within a {keys[-1]}, so the {keys[-1]} has no arm of its own",
                None,
                hint="set pairs: true, or use another estimator",
            )
        return cells.arms, ()
    if spec.pairs and spec.cluster == spec.levels[0]:
        return cells.arms, ()
    if not spec.pairs and spec.cluster == spec.levels[0] and rows.allocation.level == "team":
        raise _refused(
            spec,
            f"the arm varies within a {spec.trust}, so the {spec.trust} has no arm of its own",
            None,
            hint=f"set cluster: {spec.team}, or pairs: true",
        )
    counts: dict[tuple[str, ...], Counter[str]] = {}
    for place, arm in zip(cells.places, cells.arms, strict=True):
        counts.setdefault(place, Counter())[arm] += 1
    most = {place: max(sorted(found), key=found.__getitem__) for place, found in counts.items()}
    own = [most[place] for place in cells.places]
    if own == cells.arms:
        return own, ()
    return own, (
        f"{PEOPLE.capitalize()} who are recorded in the other arm than the rest of their cluster counted with their "
        "cluster.",
    )


def _count_pairs(spec: AnalysisSpec, cells: Cells, pair: tuple[str, str]) -> None:
    trust = spec.cluster_keys.index(spec.trust)
    arms: dict[str, set[str]] = {}
    for place, arm in cells.units:
        arms.setdefault(place[trust], set()).add(arm)
    pairs = sum(arms_of.issuperset(pair) for arms_of in arms.values())
    if pairs < 2:
        raise _refused(
            spec,
            f"a paired comparison needs two {plural(noun_of(spec.trust))} with both arms",
            str(pairs),
            hint="write pairs: false, or choose estimator: ols_cr2",
        )


def _unpaired(spec: AnalysisSpec, rows: AnalysisRows, clusters: _Clusters) -> _Compared:
    others = (rows.other_arm, *(arm for arm in rows.other_arms if arm != rows.other_arm))
    treated = np.column_stack([clusters.arms == arm for arm in others])
    counts = [*map(int, treated.sum(axis=0)), int((~treated.any(axis=1)).sum())]
    if min(counts) < 2:
        hint = "choose a level with more clusters; with one cluster in an arm no test is valid"
        raise _refused(spec, f"each arm needs two clusters ({spec.cluster})", " and ".join(map(str, counts)), hint)
    X = np.column_stack([np.ones(len(treated)), treated, clusters.level])
    effects = np.eye(X.shape[1])[1 : 1 + len(others)]
    share = treated.mean(axis=0)
    nowhere = X.mean(axis=0) - share[1:] @ effects[1:]  # nobody in a third arm
    at = [nowhere + (arm - share[0]) * effects[0] for arm in (0.0, 1.0)]
    df, found, covariance, apart = _least_squares(spec, X, clusters.values, np.array([effects[0], *at, *effects[1:]]))
    own = [0, *range(3, 3 + len(effects) - 1)]
    together = wald_of_arms(spec, rows, np.array([found[j][0] for j in own]), covariance[np.ix_(own, own)], float(df))
    spent = _spent(len(treated) - len(counts) - df)
    return _Compared(*found[0], apart, df, (found[1], found[2]), df, spent, together)


def _paired(spec: AnalysisSpec, rows: AnalysisRows, clusters: _Clusters) -> _Compared:
    trust = spec.cluster_keys.index(spec.trust)
    trusts = sorted({place[trust] for place, _ in clusters.units})
    # each trust's mean of its clusters in the reference arm, then in the other
    sides = np.array([2 * trusts.index(place[trust]) + (arm == rows.other_arm) for place, arm in clusters.units])
    n_values = clusters.values.shape[1]
    means = np.full((2 * len(trusts), n_values + clusters.level.shape[1]), np.nan)
    means[np.unique(sides)] = group_means(np.hstack([clusters.values, clusters.level]), sides)
    by_trust = means.reshape(len(trusts), 2, -1)
    both = by_trust[~np.isnan(by_trust[:, :, 0]).any(axis=1)]
    differences = both[:, 1] - both[:, 0]
    X = np.column_stack([np.ones(len(both)), differences[:, n_values:]])
    df, found, _, apart = _least_squares(spec, X, differences[:, :n_values], np.eye(1, X.shape[1]))
    n, estimate, d = len(both), found[0][0], differences[:, 0]
    # the arms' means lie about the middle of both, so that they differ by the estimate whatever was taken out
    shift = ((d.mean() - estimate) / 2, (estimate - d.mean()) / 2)
    zero, one = (
        (float(both[:, side, 0].mean() + shift[side]), float(both[:, side, 0].std(ddof=1)) / n**0.5) for side in (0, 1)
    )
    messages = _spent(n - 1 - df)
    if n < len(trusts):
        messages += (
            f"{len(trusts) - n} of {len(trusts)} {plural(noun_of(spec.trust))} have one arm only and are "
            "left out of the paired comparison.",
        )
    return _Compared(*found[0], apart, df, (zero, one), n - 1, messages)


def _least_squares(
    spec: AnalysisSpec, X: np.ndarray, Y: np.ndarray, rows: np.ndarray
) -> tuple[int, list[tuple[float, float]], np.ndarray, np.ndarray]:
    """Least squares of the first column of Y (clusters, 1 + q), and the effect on the others.

    Returns degrees of freedom; value and standard error of some rows of weights, the effect first; their covariance;
    the effect on each of the other columns (q,).
    """
    space = RowSpace.of(X)
    if not space.contains(rows[0])[0]:
        raise _refused(spec, "the cluster-level covariates explain the arm completely", spec.formula, _FEWER)
    df = len(Y) - space.rank
    if df < 1:
        raise _refused(spec, "the cluster-level covariates leave no degrees of freedom", str(df), _FEWER)
    basis = orthogonalise(X)
    _, beta, scale = basis.reduce(Y[:, :1])
    weights = rows[:, list(basis.kept)]
    s = float(scale[0]) * np.sqrt(len(Y) / df)
    root = s * (weights @ basis.back)
    error = s * np.sqrt(((weights @ basis.back) ** 2).sum(axis=1))
    found = [(float(value), float(se)) for value, se in zip(weights @ beta[:, 0], error, strict=True)]
    return df, found, root @ root.T, weights[0] @ basis.reduce(Y[:, 1:])[1]


def _few_degrees(df: float) -> tuple[str, ...]:
    """Warning where a comparison rests on hardly any degrees of freedom, whatever took them."""
    if df >= FEW_LEFT:
        return ()
    return (
        f"The comparison of cluster means has {df:g} {'degree' if df == 1 else 'degrees'} of freedom: inference "
        "fragile.",
    )


def _spent(cost: int) -> tuple[str, ...]:
    if not cost:
        return ()
    return (f"Covariates that are constant within clusters took {cost} {counted_noun(cost, 'degree of freedom')}.",)


def _refused(spec: AnalysisSpec, message: str, value: str | None, hint: str | None = None) -> ModelError:
    return ModelError(f"The analysis {spec.name} can't be run.", Problem(message, value=value, hint=hint))
