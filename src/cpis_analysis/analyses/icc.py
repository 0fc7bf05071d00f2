"""Residual intraclass correlations of trust and team."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.lmm import LinearMixedFit

__all__ = ["intraclass_correlations"]


def intraclass_correlations(fit: LinearMixedFit, levels: Sequence[str | None]) -> tuple[float | None, float | None]:
    """How alike two people of one trust, and of one team, are beyond what the fixed effects explain.

    Parameters
    ----------
    fit : LinearMixedFit
    levels : sequence of str or None
        Level of each random term: `level_of_grouping`.

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
    of = {level: float(v) for level, v in zip(levels, variances[:-1], strict=True)}
    trust, team = of.get("trust"), of.get("team")
    return (None if trust is None else trust / total, None if team is None else ((trust or 0.0) + team) / total)
