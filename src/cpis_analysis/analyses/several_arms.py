"""Several arms against one reference: an estimator reports each in turn, from one model of all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cpis_analysis.analyses.fitted import Around, ContrastTest, Fitted
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows, with_frame
from cpis_analysis.analyses.rows.effect import effect_contrast, effect_term, kind_of
from cpis_analysis.analyses.rows.named_estimability import told_columns
from cpis_analysis.lmm.designs.design import Design
from cpis_analysis.plan.contrast import Contrast
from cpis_analysis.plan.specification import AnalysisSpec

Estimator = Callable[[AnalysisSpec, AnalysisRows, Around], Fitted]

NO_JOINT = "There is no joint test of the arms: {}."
"""Said where an estimator has none, with the reason."""


def every_arm(estimator: Estimator) -> Estimator:
    """An estimator that compares `AnalysisRows.other_arm` with the reference, made to compare each of several.

    The rows hold all arms at every turn, so each turn reports another comparison of the same fit. That of the first arm
    is the result; those of the others, and whatever was asked of them, are contrasts beside it. With two arms the
    estimator is called once, as it is.
    """

    def fit(spec: AnalysisSpec, rows: AnalysisRows, around: Around) -> Fitted:
        first = estimator(spec, rows, around)
        if len(rows.other_arms) < 2:
            return first
        # what only the result shows is not made again for each further arm
        quiet, plain = replace(around, one_of_many=True), replace(spec, tipping_point=False)
        turns = [replace(rows, other_arm=arm) for arm in rows.other_arms]
        fits = [first, *(estimator(plain, turn, quiet) for turn in turns[1:])]
        effects = [_compared(spec, turn) for turn in turns]
        tests: dict[str, ContrastTest] = {}
        for compared, fitted in zip(effects, fits, strict=True):
            for test in _named(compared, fitted):
                tests.setdefault(str(test.of), test)
        order = {str(one): place for place, one in enumerate([*effects, joint_of_arms(spec, rows)])}
        listed = sorted(tests.items(), key=lambda item: order.get(item[0], len(order)))
        return replace(
            first,
            coefficients=_joined([one.coefficients for one in fits], ("term",)),
            adjusted_means=_joined([one.adjusted_means for one in fits], ("arm", "wave")),
            contrasts=tuple(test for name, test in listed if name != str(effects[0])),
            warnings=tuple(dict.fromkeys(line for one in fits for line in one.warnings)),
            messages=tuple(dict.fromkeys(line for one in fits for line in one.messages)),
        )

    return fit


def joint_of_arms(spec: AnalysisSpec, rows: AnalysisRows, terms: Sequence[str] = ()) -> Contrast:
    """What a test of all arms together compares: by the effect, or by some terms."""
    return Contrast("joint", rows.other_arms[0], spec.reference, terms=tuple(terms) or (spec.effect,))


def rows_of_arms(spec: AnalysisSpec, rows: AnalysisRows, design: Design, among: Sequence[str]) -> np.ndarray:
    """Weights of each arm's coefficient, (arms, columns), the columns being `among`."""
    names = list(among)
    return np.eye(len(names))[[names.index(effect_term(spec, arm, design, names)) for arm in rows.other_arms]]


def without_joint(rows: AnalysisRows, reason: str) -> tuple[str, ...]:
    """The sentence that there is no joint test, where there are several arms."""
    return (NO_JOINT.format(reason),) if len(rows.other_arms) > 1 else ()


def wald_of_arms(
    spec: AnalysisSpec, rows: AnalysisRows, effects: np.ndarray, covariance: np.ndarray, df2: float, df_method: str = ""
) -> tuple[ContrastTest, ...]:
    """Wald's test that no arm differs, F on `df2` degrees of freedom (infinite: chi-squared); none of one arm.

    Parameters
    ----------
    effects : (arms,) float
    covariance : (arms, arms) float
    df2 : float
    df_method : str
        Name of the degrees of freedom where it is not that of the analysis.
    """
    from scipy.special import chdtrc, fdtrc

    q = len(rows.other_arms)
    if q < 2:
        return ()
    f = float(effects @ np.linalg.solve(covariance, effects)) / q
    p_value = chdtrc(q, q * f) if np.isinf(df2) else fdtrc(q, df2, f)
    nan, joint = float("nan"), joint_of_arms(spec, rows)
    return (
        ContrastTest(
            nan, nan, df2, f, float(p_value), nan, nan, of=joint, kind="joint", num_df=float(q), df_method=df_method
        ),
    )


def in_two_arms(spec: AnalysisSpec, rows: AnalysisRows) -> np.ndarray:
    """Which rows are of the reference or of `other_arm` (rows,)."""
    return rows.frame[spec.arm].astype(str).isin([spec.reference, rows.other_arm]).to_numpy()


def two_arms(spec: AnalysisSpec, rows: AnalysisRows) -> AnalysisRows:
    """The people of the reference and of `other_arm` alone, for methods whose reasoning is about two arms."""
    if len(rows.other_arms) < 2:
        return rows
    kept = rows.frame[in_two_arms(spec, rows)].reset_index(drop=True)
    return replace(with_frame(spec, rows, kept), other_arms=(rows.other_arm,))


def _compared(spec: AnalysisSpec, turn: AnalysisRows) -> Contrast:
    columns = told_columns(spec, turn)
    return effect_contrast(spec, turn, columns.design, columns.term)


def _named(compared: Contrast, fitted: Fitted) -> list[ContrastTest]:
    """The contrasts of one arm, whose effect is `compared`, each with what it compares."""
    kind = kind_of(compared)
    return [
        replace(fitted.contrast, of=compared, kind=kind),
        *(
            one if one.of else replace(one, of=replace(compared, beside=one.beside), kind=kind)
            for one in fitted.contrasts
        ),
    ]


def _joined(tables: Sequence[list[dict[str, Any]]], keys: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows of several tables, those of the same keys once."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for table in tables:
        for row in table:
            found.setdefault(tuple(row[key] for key in keys), row)
    return list(found.values())
