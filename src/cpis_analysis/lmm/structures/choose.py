"""Which covariance structure a design gets: the cheapest that fits its random part."""

from __future__ import annotations

from typing import Any

from cpis_analysis.lmm.designs.basis import Basis
from cpis_analysis.lmm.designs.design import Design
from cpis_analysis.lmm.structures.block_diagonal import BlockStructure
from cpis_analysis.lmm.structures.connected import largest_block
from cpis_analysis.lmm.structures.nested import NestedStructure
from cpis_analysis.lmm.structures.nested_tree import is_nested
from cpis_analysis.lmm.structures.none import IndependentRows
from cpis_analysis.lmm.structures.residual import ResidualStructure
from cpis_analysis.lmm.structures.structure import Structure

LARGE_BLOCK = 400
"""Columns of connected groups from which on a crossed model is worth an elimination."""


def choose_structure(design: Design, basis: Basis) -> Structure[Any]:
    """The structure of a design's random part and residuals, on the basis of its fixed part."""
    if design.residual is not None:
        return ResidualStructure(design.random, design.residual, basis)
    if not design.random:
        return IndependentRows(basis)
    if is_nested(design.random):
        return NestedStructure(design.random, basis)
    if all(part.q == 1 for part in design.random) and largest_block(design.random) > LARGE_BLOCK:
        # loads parts of SciPy that no other model needs
        from cpis_analysis.lmm.structures.crossed import CrossedStructure

        return CrossedStructure(design.random, basis)
    return BlockStructure(design.random, basis)
