"""What is offered for independent residuals with one variance only."""

from __future__ import annotations

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.fits.solution import Solution


def need_plain_residuals(solution: Solution, what: str) -> None:
    """Refuse a fit whose residuals have a covariance or variances of their own.

    Raises
    ------
    ModelError
    """
    part = solution.design.residual
    if part is not None:
        problem = Problem(
            f"{what} for a model with {part.term}",
            allowed="independent residuals with one variance",
            hint="use summary(), contrast() and joint_test() of the fit",
        )
        raise ModelError("This is not offered.", problem)
