"""Residual intraclass correlations of trust and team."""

from __future__ import annotations

from cpis_analysis.lmm import LinearMixedFit
from cpis_analysis.plan.specification import AnalysisSpec

__all__ = ["intraclass_correlations"]


def intraclass_correlations(spec: AnalysisSpec, fit: LinearMixedFit) -> tuple[float | None, float | None]:
    """How alike two people of one trust, and of one team, are beyond what the fixed effects explain.

    Returns
    -------
    icc_trust, icc_team : float or None
        None where the model lacks the level; both None where it has random slopes, because the correlation then
        depends on the covariate.

    Notes
    -----
    With total = the sum of all variances of the model (trust, team, team-by-wave, person, residual):
    icc_trust = s2_trust / total, the correlation of two people of one trust and different teams;
    icc_team = (s2_trust + s2_team) / total, that of two people of one team (at different waves, where the model
    has a team-by-wave term). Eldridge, Ukoumunne & Carlin (2009), Int Stat Rev 77:378.
    """
    parts = fit.design.random
    if any(part.names != ("(Intercept)",) for part in parts):
        return None, None
    variances = fit.variance_components["variance"].to_numpy()
    total = float(variances.sum())
    of = {frozenset(part.variables): float(v) for part, v in zip(parts, variances[:-1], strict=True)}
    trust = of.get(frozenset([spec.trust]))
    team = None
    if spec.team:
        team = of.get(frozenset([spec.trust, spec.team]), of.get(frozenset([spec.team])))
    return (
        None if trust is None else trust / total,
        None if team is None else ((trust or 0.0) + team) / total,
    )
