"""Are the predicted effects of clusters spread as the model supposes?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.publish.sources.arithmetic import normal_envelope
from cpis_analysis.publish.sources.sourced_columns import column, made

_FEWEST = 5


@dataclass(frozen=True)
class EffectQuantiles:
    """Standardised effects of one grouping factor in order, with what normal effects would give.

    Attributes
    ----------
    group : str
        Such as ``trust:team``.
    theoretical : tuple of float
        Median of each place in a normal sample of this size.
    observed : tuple of float
    low, high : tuple of float
        The middle 95% of each place.
    number, held : int
        Effects, and those that lie within.
    """

    group: str
    theoretical: tuple[float, ...]
    observed: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    number: int
    held: int


def effect_quantiles(result: AnalysisResult) -> list[EffectQuantiles]:
    """Quantiles of the conditional modes of each grouping factor.

    Parameters
    ----------
    result : AnalysisResult
        With ``variance_components`` and ``diagnostics["random_effects"]``.

    Returns
    -------
    list of EffectQuantiles
        Without factors of fewer than five clusters or with a variance of zero.

    Notes
    -----
    A conditional mode has variance tau^2 - pev, with tau^2 the variance of the factor and pev the squared prediction
    standard error; it is divided by the root of that. The envelope is exact for independent normal effects: place i
    of m is Beta(i, m - i + 1) on the probability scale. It is pointwise, and the slight dependence of the modes is
    not in it.
    """
    variances = {
        str(row["group"]): row["variance"]
        for row in result.variance_components
        if row["name"] == "(Intercept)" and row["variance"] is not None
    }
    by_group: dict[str, list[Mapping[str, Any]]] = {}
    for row in result.diagnostics.get("random_effects") or []:
        by_group.setdefault(str(row["group"]), []).append(row)
    found = []
    for group, rows in by_group.items():
        own = np.array([variances.get(group, 0.0) - float(row["se"]) ** 2 for row in rows])
        if len(rows) < _FEWEST or (own <= 1e-9 * max(variances.get(group, 0.0), 1e-300)).any():
            continue
        observed = np.sort(np.array([float(row["mode"]) for row in rows]) / np.sqrt(own))
        low, middle, high = normal_envelope(len(rows))
        modes, errors = (column(row[name] for row in rows) for name in ("mode", "se"))
        found.append(
            EffectQuantiles(
                group,
                tuple(middle.tolist()),
                tuple(observed.tolist()),
                tuple(low.tolist()),
                tuple(high.tolist()),
                made("length", modes),
                made("normal_held", modes, errors, variances[group]),
            )
        )
    return found
