"""Whether the data can tell the effect that a model reports, asked once for all estimators and before any fit.

What an estimator makes of columns that repeat each other differs: one leaves out the first, another the last. Whether
the effect can be told from the other columns does not depend on that, nor on the order of the terms or the names of
the levels; see `lmm.designs.estimability`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.effect import effect_term, references
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.basis import Basis, orthogonalise
from cpis_analysis.lmm.designs.design import Design, build_design
from cpis_analysis.lmm.designs.estimability import explaining_terms, left_out
from cpis_analysis.plan.specification import AnalysisSpec


@dataclass(frozen=True)
class Columns:
    """Columns of the fixed part in which the effect can be told.

    Attributes
    ----------
    design : Design
    basis : Basis
    term : str
        The reported coefficient.
    """

    design: Design
    basis: Basis
    term: str

    @property
    def dropped(self) -> tuple[str, ...]:
        """Names of all columns that are left out."""
        return tuple(self.design.term_names[j] for j in self.basis.dropped)

    @property
    def messages(self) -> tuple[str, ...]:
        """Sentences about them."""
        lines = left_out(self.design, self.basis.dropped, self.basis.row_space)
        return tuple(f"{line[0].upper()}{line[1:]}." for line in lines)


def told_columns(spec: AnalysisSpec, rows: AnalysisRows) -> Columns:
    """The columns of a model, after a check that they can tell its effect.

    Raises
    ------
    ModelError
        If the effect is not a coefficient of the model, or can be computed from other terms, which are named.
    """
    if spec not in rows.told:
        rows.told[spec] = _told(spec, rows)
    found: Columns = rows.told[spec]
    return found


def _told(spec: AnalysisSpec, rows: AnalysisRows) -> Columns:
    design = build_design(rows.formula, rows.frame, reference=references(spec, rows))
    term = effect_term(spec, rows.other_arm, design)
    basis = orthogonalise(design.X)
    row = np.eye(len(design.term_names))[design.term_names.index(term)]
    if not basis.row_space.contains(row)[0]:
        raise ModelError(f"The analysis {spec.name} can't be reported.", [_explained(spec, design, row, term)])
    return Columns(design, basis, term)


def _explained(spec: AnalysisSpec, design: Design, row: np.ndarray, term: str) -> Problem:
    terms = explaining_terms(design, row)
    what = "the arm" if spec.effect == spec.arm else spec.effect
    if not terms:
        return Problem(
            f"the data can't tell {what}: nobody, or everybody, who was analysed has {term}",
            value=spec.formula,
            hint="remove the term, or choose a population of whom some have it and some not",
        )
    places = set(spec.levels)
    clusters = any(set(name.split(":")) <= places for name in terms)
    return Problem(
        f"{what} can be computed from {' and '.join(terms)}, so no analysis can tell its effect from theirs",
        value=spec.formula,
        hint=f"their columns explain {what}: leave them out"
        + (", or take clusters into the random part of a mixed model" if clusters else ""),
    )


def told_records(records: list[dict[str, Any]], design: Design, basis: Basis) -> list[dict[str, Any]]:
    """Rows of a coefficient table, without numbers where a coefficient stands for columns left out as well."""
    if not basis.dropped:
        return records
    names = list(design.term_names)
    good = dict(zip(names, basis.row_space.contains(np.eye(len(names))), strict=True))
    return [
        record
        if good.get(record["term"], True)
        else {key: value if key == "term" else float("nan") for key, value in record.items()}
        for record in records
    ]
