"""p-values of a family of outcomes, adjusted together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cpis_analysis.errors import ModelError, Problem, did_you_mean

METHODS = ("holm", "hochberg", "bonferroni", "benjamini-hochberg")


def adjust_p_values(p_values: Sequence[float], method: str) -> np.ndarray:
    """Adjust p-values for the number of outcomes that were looked at.

    Parameters
    ----------
    p_values : sequence of float, length m
        Between 0 and 1.
    method : str
        One of `METHODS`.

    Returns
    -------
    ndarray, shape (m,)
        In the order given, at most 1.

    Raises
    ------
    ModelError
        Unknown method, or a p-value that is missing or outside 0 to 1.

    Notes
    -----
    With p(1) <= ... <= p(m): Bonferroni m p; Holm (1979) max over j <= i of (m - j + 1) p(j), which controls the
    probability of any false finding under every dependence; Hochberg (1988) min over j >= i of (m - j + 1) p(j),
    which needs independence or positive dependence; Benjamini-Hochberg (1995) min over j >= i of m p(j) / j, which
    controls the share of false findings among findings and is exploratory.
    """
    if method not in METHODS:
        raise ModelError(
            "The p-values can't be adjusted.",
            Problem("unknown method", value=method, allowed=", ".join(METHODS), hint=did_you_mean(method, METHODS)),
        )
    p = np.asarray(p_values, dtype=float)
    if not ((p >= 0) & (p <= 1)).all():
        raise ModelError(
            "The p-values can't be adjusted.",
            Problem(
                "a p-value is missing or not between 0 and 1",
                hint="give each outcome of the family an analysis with a p-value",
            ),
        )
    m = p.size
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, m + 1)
    if method == "bonferroni":
        adjusted = m * p[order]
    elif method == "holm":
        adjusted = np.maximum.accumulate((m - rank + 1) * p[order])
    else:
        factor = m - rank + 1 if method == "hochberg" else m / rank
        adjusted = np.minimum.accumulate((factor * p[order])[::-1])[::-1]
    result = np.empty(m)
    result[order] = np.minimum(adjusted, 1.0)
    return result
