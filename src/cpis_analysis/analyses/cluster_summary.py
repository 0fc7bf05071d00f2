"""Two-stage analysis: covariates out first, then a t-test of cluster means.

Needs no variance component, and its degrees of freedom are counted, not estimated.
Hayes & Moulton (2017), Cluster Randomised Trials, 2nd ed., ch. 10-11; Gail et al. (1996), Stat Med 15:1069.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from cpis_analysis.analyses.cluster_level import constant_within
from cpis_analysis.analyses.fitted import Contrast, Fitted
from cpis_analysis.analyses.means import INFERENCE, MEAN_COLUMNS, coefficient_records
from cpis_analysis.analyses.rows import AnalysisRows
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.contrasts import inference_frame
from cpis_analysis.lmm.design import Design, build_design
from cpis_analysis.plan.naming import counted_noun, noun_of, plural
from cpis_analysis.plan.specification import AnalysisSpec

__all__ = ["compare_cluster_means"]


def compare_cluster_means(spec: AnalysisSpec, rows: AnalysisRows) -> Fitted:
    """Compare unweighted cluster means of covariate-adjusted outcomes between arms.

    1. Least squares of the outcome on the covariates *without the arm*, on everyone; residuals.
    2. Mean residual of each cluster.
    3. Unpaired: Student's t of cluster means, df = clusters - 2. Paired (``pairs``): mean over trusts of the
       difference between arms, each arm's value being the unweighted mean of its clusters in the trust,
       df = trusts with both arms - 1.
    4. A covariate that is constant within clusters takes one df from stage 3 for each independent column.

    The estimate weights clusters equally: it answers for the average cluster, not for the average person.

    Raises
    ------
    ModelError
        Repeated rows of a person, an interaction with the arm, an arm that varies within clusters (unpaired), the
        arm explained by cluster-level covariates, too few clusters or pairs.

    Notes
    -----
    Unpaired: SE^2 = s^2 (1/K1 + 1/K0), s^2 = sum of squares of cluster means about their arm's mean / df.
    Paired: SE^2 = sum (d - mean d)^2 / (df T) over T trusts.
    """
    frame = rows.frame
    design, residual = _without_covariates(spec, rows)
    keys = [spec.trust] if spec.cluster == "trust" else [spec.trust, spec.team]
    cells = pd.DataFrame({key: frame[key].astype(str) for key in keys})
    cells["arm"] = frame[spec.arm].astype(str)
    own_arm, warnings = _arm_of_clusters(spec, rows, cells, keys)
    cells["arm"] = own_arm
    cells["residual"] = residual
    columns = [f"x{j}" for j in range(design.X.shape[1])]
    constant = constant_within(design.X, [cells[key] for key in (*keys, "arm")])
    cells[columns] = design.X
    means = cells.groupby([*keys, "arm"], sort=True)[["residual", *columns]].mean().reset_index()
    treated = (means["arm"] == rows.other_arm).to_numpy()
    level = means[[columns[j] for j in constant]].to_numpy()
    centre = float(design.y.mean())
    compare = _paired if spec.pairs else _unpaired
    estimate, se, df, arm_means, messages = compare(spec, means, treated, level)

    if not se > 1e-12 * float(design.y.std()):
        raise _refused(spec, "the cluster means do not vary within arms", None)
    term = f"{spec.arm}[{rows.other_arm}]"
    table = inference_frame([term], [estimate], [se], [df], spec.level, "term")
    codes = (spec.reference, rows.other_arm)
    value, error, mean_df = (np.array(column, dtype=float) for column in zip(*arm_means, strict=True))
    by_arm = inference_frame(codes, centre + value, error, mean_df, spec.level, "arm")
    adjusted = [
        {"arm": code, "wave": None} | {c: float(by_arm.loc[code, c]) for c in MEAN_COLUMNS}
        for code in codes
    ]
    contrast = Contrast(*(float(table.loc[term, c]) for c in INFERENCE))
    coefficients = coefficient_records(table)
    return Fitted(contrast, coefficients, adjusted, warnings=warnings, messages=messages)


def _without_covariates(spec: AnalysisSpec, rows: AnalysisRows) -> tuple[Design, np.ndarray]:
    """Stage one: residuals of the outcome on everything but the arm."""
    frame, formula = rows.frame, rows.formula
    if frame[spec.participant].duplicated().any():
        raise _refused(spec, "a comparison of cluster means needs one row a participant", spec.formula)
    own = [term for term in formula.fixed_terms if any(operand.variable == spec.arm for operand in term)]
    if any(len(term) > 1 for term in own) or spec.effect != spec.arm:
        raise _refused(spec, f"a comparison of cluster means can't hold interactions of {spec.arm}", spec.formula)
    covariates = tuple(term for term in formula.fixed_terms if term not in own)
    design = build_design(replace(formula, fixed_terms=covariates or ((),), random_terms=()), frame)
    size = np.linalg.norm(design.X, axis=0)
    scaled = design.X / np.where(size > 0, size, 1.0)
    return design, design.y - scaled @ np.linalg.lstsq(scaled, design.y, rcond=None)[0]


def _arm_of_clusters(
    spec: AnalysisSpec, rows: AnalysisRows, cells: pd.DataFrame, keys: list[str]
) -> tuple[pd.Series, tuple[str, ...]]:
    """Arm that each person's cluster counts for."""
    if rows.allocation.level == "individual":
        if not spec.pairs:
            raise _refused(spec, f"the arm varies within a {keys[-1]}, so the {keys[-1]} has no arm of its own", None,
                           hint="set pairs: true, or use another estimator")
        return cells["arm"], ()
    if spec.pairs and spec.cluster == "trust":
        return cells["arm"], ()
    if not spec.pairs and spec.cluster == "trust" and rows.allocation.level == "team":
        raise _refused(spec, f"the arm varies within a {spec.trust}, so the {spec.trust} has no arm of its own", None,
                       hint=f"set cluster: {spec.team}, or pairs: true")
    most = cells.groupby([*keys, "arm"], sort=True).size().unstack("arm", fill_value=0).idxmax(axis=1)
    labels = pd.MultiIndex.from_frame(cells[keys]) if len(keys) > 1 else pd.Index(cells[keys[0]])
    own = pd.Series(most.reindex(labels).to_numpy(), index=cells.index)
    if (own == cells["arm"]).all():
        return own, ()
    return own, ("People who are recorded in the other arm than the rest of their cluster counted with their cluster.",)


ArmMeans = list[tuple[float, float, int]]


def _unpaired(
    spec: AnalysisSpec, means: pd.DataFrame, treated: np.ndarray, level: np.ndarray
) -> tuple[float, float, int, ArmMeans, tuple[str, ...]]:
    value = means["residual"].to_numpy()
    one, zero = value[treated], value[~treated]
    if min(len(one), len(zero)) < 2:
        raise _refused(spec, f"each arm needs two clusters ({spec.cluster})", f"{len(one)} and {len(zero)}")
    cost = _cost(spec, np.ones((len(value), 1)), treated[:, None].astype(float), level)
    df = len(value) - 2 - cost
    if df < 1:
        raise _refused(spec, "the cluster-level covariates leave no degrees of freedom", str(df))
    squares = ((one - one.mean()) ** 2).sum() + ((zero - zero.mean()) ** 2).sum()
    s = math.sqrt(squares / df)
    arms = [(float(x.mean()), s / math.sqrt(len(x)), df) for x in (zero, one)]
    return float(one.mean() - zero.mean()), s * math.sqrt(1 / len(one) + 1 / len(zero)), df, arms, _spent(cost)


def _paired(
    spec: AnalysisSpec, means: pd.DataFrame, treated: np.ndarray, level: np.ndarray
) -> tuple[float, float, int, ArmMeans, tuple[str, ...]]:
    side = np.where(treated, "one", "zero")
    by_trust = means["residual"].groupby([means[spec.trust], side]).mean().unstack()
    by_trust = by_trust.reindex(columns=["zero", "one"])
    both = by_trust.dropna()
    n = len(both)
    if n < 2:
        raise _refused(spec, f"a paired comparison needs two {plural(noun_of(spec.trust))} with both arms", str(n))
    differences = pd.DataFrame(level).groupby([means[spec.trust].to_numpy(), side]).mean()
    within = (differences.xs("one", level=1) - differences.xs("zero", level=1)).loc[both.index].to_numpy()
    cost = _cost(spec, np.zeros((n, 0)), np.ones((n, 1)), within)
    df = n - 1 - cost
    if df < 1:
        raise _refused(spec, "the cluster-level covariates leave no degrees of freedom", str(df))
    d = (both["one"] - both["zero"]).to_numpy()
    se = math.sqrt(((d - d.mean()) ** 2).sum() / df / n)
    arms = [(float(both[x].mean()), float(both[x].std(ddof=1)) / math.sqrt(n), n - 1) for x in ("zero", "one")]
    messages = _spent(cost)
    if n < len(by_trust):
        messages += (f"{len(by_trust) - n} of {len(by_trust)} {plural(noun_of(spec.trust))} have one arm only and are "
                     "left out of the paired comparison.",)
    return float(d.mean()), se, df, arms, messages


def _cost(spec: AnalysisSpec, base: np.ndarray, arm: np.ndarray, level: np.ndarray) -> int:
    """Degrees of freedom that cluster-level covariates take; refuses covariates that explain the arm."""
    if not level.size or not np.abs(level).max() > 0:
        return 0
    scaled = level / np.maximum(np.abs(level).max(axis=0), 1e-300)
    without = np.linalg.matrix_rank(np.hstack([base, scaled]), tol=1e-9)
    together = np.linalg.matrix_rank(np.hstack([base, arm, scaled]), tol=1e-9)
    if together == without:
        raise _refused(spec, "the cluster-level covariates explain the arm completely", spec.formula)
    return int(without - base.shape[1])


def _spent(cost: int) -> tuple[str, ...]:
    if not cost:
        return ()
    return (f"Covariates that are constant within clusters took {cost} {counted_noun(cost, 'degree of freedom')}.",)


def _refused(spec: AnalysisSpec, message: str, value: str | None, hint: str | None = None) -> ModelError:
    return ModelError(f"The analysis {spec.name} can't be run.", [Problem(message, value=value, hint=hint)])
