"""Contrasts that a model reports beside its effect: averages, joint tests, differences at a moderator's levels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from cpis_analysis.analyses.fitted import ContrastTest
from cpis_analysis.analyses.optimal import contrast_test
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.several_arms import NO_JOINT, joint_of_arms, rows_of_arms
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.effects import effect_variables, has_term
from cpis_analysis.lmm.designs.basis import Basis
from cpis_analysis.lmm.designs.coded_columns import FactorCoding
from cpis_analysis.lmm.designs.contrasts import estimable_rows, term_rows
from cpis_analysis.lmm.designs.design import Design, term_label
from cpis_analysis.plan.contrast import Between, Contrast, arms_compared, at_waves
from cpis_analysis.plan.specification import MONTHS, AnalysisSpec, ContrastSpec


@dataclass(frozen=True)
class Inference:
    """How an estimator tests linear combinations of its coefficients.

    Attributes
    ----------
    one : callable
        Weights on all columns of the design -> one row with estimate, std_error, df, statistic, p_value, ci_low,
        ci_high.
    joint : callable
        Rows of such weights -> one row with statistic, df1, df2, p_value.
    between : callable, optional
        As `one`, for a difference of differences, of which nobody asks equivalence; default: `one`.
    joint_method : str
        Degrees of freedom of joint tests where they are not those of the analysis.
    """

    one: Callable[[np.ndarray], pd.DataFrame]
    joint: Callable[[np.ndarray], pd.DataFrame]
    between: Callable[[np.ndarray], pd.DataFrame] | None = None
    joint_method: str = ""


class WithColumns(Protocol):
    """A fit, or the columns of one: what combinations of coefficients are reckoned from."""

    @property
    def design(self) -> Design: ...

    @property
    def basis(self) -> Basis: ...


def reported_contrasts(
    spec: AnalysisSpec, rows: AnalysisRows, fit: WithColumns, inference: Inference
) -> list[ContrastTest]:
    """Every contrast of the plan, in its order.

    difference
        Mean over the rows analysed of the predicted difference between the arms, all else as it is.
    joint
        F test that all coefficients of the terms are zero.
    moderator
        First the interaction: each level's difference between the arms less that of the first level (numbers: last
        value less first), and a joint test where there are several. Then the difference between the arms with the
        moderator held at each level or value, everyone's other variables as they are.
    by_wave
        The joint test of arm by wave where both are factors of the model: that no wave's change differs, or that the
        difference is the same at every wave. Then the difference at each wave but that of the effect, in the change
        since baseline where the effect is one of change.
    average
        The mean of these differences over the waves after baseline.

    Of several arms: those of `AnalysisRows.other_arm`, and the joint tests of a moderator over all of them.

    Raises
    ------
    ModelError
        If the model can't tell a contrast.
    """
    grid = _Grid(spec, rows, fit)
    found: list[ContrastTest] = []
    for part in spec.contrasts:
        if part.kind == "difference":
            found.append(
                _one(replace(grid.contrast, kind="average"), grid.difference({}), inference, "difference", grid)
            )
        elif part.kind == "joint":
            found.append(_joint(grid.joint(part.terms), grid.terms(part.terms), inference))
        elif part.kind == "by_wave":
            found += _by_wave(grid, inference)
        elif part.kind == "average":
            waves = spec.later_waves
            over = at_waves(grid.contrast, spec, waves)
            found.append(_one(over, grid.difference({}, waves), inference, "difference", grid))
        else:
            found += _moderator(part, grid, inference)
    return found


def joint_over_arms(
    spec: AnalysisSpec, rows: AnalysisRows, fit: WithColumns, inference: Inference
) -> tuple[list[ContrastTest], tuple[str, ...]]:
    """Of several arms the test that none differs from the reference, or the reason why there is none."""
    if len(rows.other_arms) < 2:
        return [], ()
    weights = rows_of_arms(spec, rows, fit.design, fit.design.term_names)
    try:
        estimable = _Grid(spec, rows, fit).estimable(weights, spec.effect)
        return [_joint(joint_of_arms(spec, rows), estimable, inference)], ()
    except ModelError as error:
        return [], (NO_JOINT.format("; ".join(problem.message for problem in error.problems)),)


class _Grid:
    """Rows of weights on the coefficients, from predictions for the people analysed."""

    def __init__(self, spec: AnalysisSpec, rows: AnalysisRows, fit: WithColumns) -> None:
        self.spec, self.rows, self.fit = spec, rows, fit
        self.contrast = arms_compared(spec, rows.other_arm)
        design = fit.design
        self.operands = {operand for term in design.coding.terms for operand, _ in term}
        self.over_time = "wave" in {operand.variable for operand in self.operands}

    def joint(self, terms: Sequence[str]) -> Contrast:
        """A test that terms have no effect."""
        return joint_of_arms(self.spec, self.rows, terms)

    def others(self) -> list[_Grid]:
        """The same for the other arms, where there are several."""
        own = self.rows.other_arm
        return [
            _Grid(self.spec, replace(self.rows, other_arm=arm), self.fit) for arm in self.rows.other_arms if arm != own
        ]

    def difference(self, held: dict[str, Any], waves: Sequence[str] = ()) -> np.ndarray:
        """Mean difference between the arms with variables held; over time where the effect is one of change.

        At the wave that is reported, or averaged over `waves`, where the model knows of waves or months.
        """
        frame = self.rows.frame.assign(**held)
        if not self.over_time and not waves:
            return self._arms(frame)
        later = np.mean([self._arms(self._at(frame, wave)) for wave in waves or (self.spec.followup_wave,)], axis=0)
        if "wave" not in effect_variables(self.spec.effect):
            return later
        return later - self._arms(self._at(frame, self.spec.baseline_wave))

    def _at(self, frame: pd.DataFrame, wave: str) -> pd.DataFrame:
        """Everybody at one wave."""
        if self.spec.months:
            frame = frame.assign(**{MONTHS: dict(zip(self.spec.waves, self.spec.months, strict=True))[wave]})
        return frame.assign(wave=wave)

    def _arms(self, frame: pd.DataFrame) -> np.ndarray:
        design = self.fit.design
        one, zero = (
            design.coding.matrix(
                design.operand_values(frame.assign(**{self.spec.arm: arm}), self.operands), design.codings, len(frame)
            ).mean(axis=0)
            for arm in (self.rows.other_arm, self.spec.reference)
        )
        return one - zero

    def terms(self, names: Sequence[str]) -> np.ndarray:
        """Rows that are zero where whole terms have no effect, as far as the data can tell."""
        try:
            return term_rows(names, self.fit.design, self.fit.basis)
        except ModelError as error:
            raise ModelError(f"The analysis {self.spec.name} can't be reported.", error.problems) from error

    def interaction(self, moderator: str) -> np.ndarray:
        """The same for every term with arm and moderator together."""
        both = {self.spec.arm, moderator}
        return self.terms(
            [
                term_label(term)
                for term in self.fit.design.formula.fixed_terms
                if both <= {operand.variable for operand in term}
            ]
        )

    def levels(self, moderator: str) -> tuple[Any, ...] | None:
        """Levels of a factor, or None for a number."""
        codings = self.fit.design.codings
        found = [codings[operand] for operand in self.operands if operand.variable == moderator]
        return next((tuple(coding.levels) for coding in found if isinstance(coding, FactorCoding)), None)

    def estimable(self, row: np.ndarray, what: str) -> np.ndarray:
        """The row, or rows, if the data can tell them.

        Raises
        ------
        ModelError
            Naming the terms that explain the contrast, if there are any.
        """
        try:
            rows, hint = np.atleast_2d(row), "is there somebody of each arm at every level?"
            estimable_rows(rows, self.fit.design, self.fit.basis, [what] * len(rows), hint)
        except ModelError as error:
            problems = dict.fromkeys(error.problems)
            raise ModelError(f"The analysis {self.spec.name} can't be reported.", problems) from error
        return row


def _moderator(part: ContrastSpec, grid: _Grid, inference: Inference) -> list[ContrastTest]:
    name = str(part.moderator)
    levels = grid.levels(name)
    values: tuple[Any, ...] = part.at if levels is None else levels
    if len(values) < (1 if levels is None else 2):
        raise ModelError(
            f"The analysis {grid.spec.name} can't be reported.",
            Problem(
                "the moderator needs values at which the arms are compared",
                variable=name,
                hint="set at: with one or two numbers"
                if levels is None
                else "remove the contrast: everybody analysed has the same level",
            ),
        )
    shown = [f"{value:g}" if levels is None else str(value) for value in values]
    at = [grid.difference({name: value}) for value in values]
    steps = range(1, len(values)) if levels is not None else ([len(values) - 1] if len(values) > 1 else [])
    rows = [at[step] - at[0] for step in steps]
    every = [
        *rows,
        *(
            other.difference({name: values[step]}) - other.difference({name: values[0]})
            for other in grid.others()
            for step in steps
        ),
    ]
    found = []
    if len(every) > 1:
        together = grid.estimable(np.array(every), name)
        found.append(_joint(grid.joint([f"{grid.spec.arm}:{name}"]), together, inference))
    for step, row in zip(steps, rows, strict=True):
        differs = replace(grid.contrast, between=(Between(name, shown[step], shown[0]),))
        found.append(_one(differs, row, inference, "interaction", grid))
    if levels is None and not rows:
        found.append(_joint(grid.joint([f"{grid.spec.arm}:{name}"]), grid.interaction(name), inference))
    for value, row in zip(shown, at, strict=True):
        found.append(_one(replace(grid.contrast, held=((name, value),)), row, inference, "difference", grid))
    return found


def _by_wave(grid: _Grid, inference: Inference) -> list[ContrastTest]:
    spec = grid.spec
    changes = "wave" in effect_variables(spec.effect)
    waves = spec.later_waves if changes else spec.waves_of_rows
    found = []
    if has_term(grid.fit.design.formula, spec.arm, "wave"):
        found.append(_joint(grid.joint([f"{spec.arm}:wave"]), grid.interaction("wave"), inference))
    for wave in waves:
        contrast = at_waves(grid.contrast, spec, (wave,))
        if contrast != grid.contrast:
            found.append(_one(contrast, grid.difference({}, (wave,)), inference, "difference", grid))
    return found


def _one(contrast: Contrast, row: np.ndarray, inference: Inference, kind: str, grid: _Grid) -> ContrastTest:
    test = inference.between if kind == "interaction" and inference.between else inference.one
    table = test(grid.estimable(row, str(contrast))).iloc[0]
    if not float(table["std_error"]) > 0:
        raise ModelError(
            f"The analysis {grid.spec.name} can't be reported.",
            Problem(
                "the clusters leave this contrast no variance to be estimated",
                value=str(contrast),
                hint="remove the contrast, or leave covariates of clusters out",
            ),
        )
    return contrast_test(table, contrast, kind)


def _joint(contrast: Contrast, rows: np.ndarray, inference: Inference) -> ContrastTest:
    table = inference.joint(rows).iloc[0]
    nan = float("nan")
    return ContrastTest(
        nan,
        nan,
        float(table["df2"]),
        float(table["statistic"]),
        float(table["p_value"]),
        nan,
        nan,
        of=contrast,
        kind="joint",
        num_df=float(table["df1"]),
        df_method=inference.joint_method,
    )
