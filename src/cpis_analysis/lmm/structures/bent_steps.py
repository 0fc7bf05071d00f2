"""Newton steps in a power of the variance of group means, in which the likelihood is nearly a parabola.

Notes
-----
With groups of size s the mean of a group has the variance u = 1 + s psi, in units of that of a mean without the groups'
own, and balanced groups contribute a + b / u + log u to minus twice the log-likelihood. At its minimum this has a third
derivative of -4 in u / u_min, of -1 in log u, and of zero in u^(-1/3): Newton steps in that power leave a distance of
the third order where those in psi leave one of the second. A step r in units of u leads to u / (1 - r / 3)^3.

The size of unbalanced groups is taken to be the one at the current place, where s / u is t = tr(P G P G) / tr(P G), as
it is for balanced ones. Newton's step in u^(-1/3), told in psi, solves (information - 4/3 diag(gradient t)) step =
gradient.
"""

from __future__ import annotations

import numpy as np

BEND = 4.0 / 3.0
"""What the information loses for each unit of gradient and bend."""

TINY_RATIO = 1e-13
"""Ratios below it are zero."""

_STRAIGHT = 1e-100
"""With so small a bend a step is a straight one."""

_LONGEST = 2.0
"""Longest step in units of u: u then grows to its 27-fold."""


def bend_of(expected: np.ndarray, trace: np.ndarray) -> np.ndarray:
    """t of each ratio from tr(P G P G) and tr(P G), both of one shape."""
    return np.maximum(np.divide(expected, trace, out=np.zeros_like(trace), where=trace > 0.0), _STRAIGHT)


def bent_step(psi: np.ndarray, step: np.ndarray, bend: np.ndarray) -> np.ndarray:
    """Ratios after a step (all of one shape), zero where they would fall below it."""
    r = np.minimum(step * bend, _LONGEST) / 3.0
    # (1 - r)^-3 - 1 by its factors, so that small steps keep their digits
    grown = r * (3.0 - r * (3.0 - r)) / (1.0 - r) ** 3
    moved = psi + grown / bend
    return np.where(moved < TINY_RATIO, 0.0, moved)
