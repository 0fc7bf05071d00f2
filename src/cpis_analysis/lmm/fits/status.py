"""What there is to say about a solution, in plain words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cpis_analysis.lmm.designs.checks import lone_clusters
from cpis_analysis.lmm.designs.estimability import left_out
from cpis_analysis.lmm.fits.solution import Solution


def status_messages(solution: Solution, covariances: Sequence[np.ndarray]) -> list[str]:
    """Zero variances, lost ranks, columns and rows that were left out, levels that are one cluster."""
    design, basis, layout, psi = solution.design, solution.basis, solution.structure.layout, solution.optimum.psi
    lines = []
    for i in layout.zeros(psi):
        k, a, _ = layout.entries[i]
        part = design.random[k]
        lines.append(zero_variance(part.group, part.names[a]))
    for k in layout.lost_rank(psi):
        part = design.random[k]
        lines.append(f"the random effects of {part.group} ({', '.join(part.names)}) are perfectly correlated")
    for part, S in zip(design.random, covariances, strict=True):
        if not solution.bounded and (np.diag(S) < 0).any():
            lines.append(f"the {part.group} variance was allowed to be negative and is")
    lines += left_out(design, basis.dropped, basis.row_space)
    n_dropped = design.n_frame - design.n
    if n_dropped:
        where = ", ".join(f"{name} {count}" for name, count in design.missing.items() if count)
        lines.append(f"{n_dropped} of {design.n_frame} rows left out for missing values ({where})")
    lines += lone_clusters(design)
    return lines


def zero_variance(group: str, name: str) -> str:
    """What is said of a variance at zero: of a group's intercepts, or of another of its effects."""
    if name == "(Intercept)":
        return f"the {group} variance was estimated as zero"
    return f"the variance of {name} between {group} was estimated as zero"
