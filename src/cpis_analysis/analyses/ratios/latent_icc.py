"""Intraclass correlations on the latent scale of a logit model."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cpis_analysis.analyses.icc import Correlations, correlations, held_rows
from cpis_analysis.lmm.generalised.fit import GeneralisedMixedFit

LATENT = math.pi**2 / 3
"""Variance of the logistic distribution: the residual variance of a logit model on the latent scale."""


def latent_correlations(fit: GeneralisedMixedFit, levels: Sequence[str | None]) -> Correlations:
    """As `icc.intraclass_correlations`, with the latent residual variance; none of counts or random slopes."""
    if fit.model.family.link != "logit" or held_rows(fit.design.random) is None:
        return Correlations()
    variances = dict(zip(fit.variance_components["group"], fit.variance_components["variance"], strict=True))
    of = {level: float(variances[part.group]) for level, part in zip(levels, fit.design.random, strict=True)}
    total = sum(map(float, variances.values())) + LATENT
    return correlations(of, total)
