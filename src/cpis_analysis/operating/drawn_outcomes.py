"""Outcomes drawn for the people of an analysis: effects of clusters, people, and what departs from the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cpis_analysis.plan.naming import is_alone

if TYPE_CHECKING:
    import pandas as pd

_CEILING = 0.43
"""A third of normal answers lie above."""
_INFORMATIVE = 0.2
"""By how many SDs the mean of a cluster moves with an SD of the sizes."""
_SPREAD = (0.75, 1.5)
_STABLE = 0.5
"""Share of each variance, of people and of clusters, that stays from one wave to the next."""

DEPARTURES = {
    "normal": "everything normal",
    "t3": "t with three degrees of freedom everywhere",
    "skew": "exponential everywhere",
    "ceiling": "a third of the people at the highest value",
    "unequal": "SD 1.5 in one arm and 0.75 in the other",
    "informative": "means of clusters follow their sizes",
}


@dataclass(frozen=True)
class Truth:
    """What outcomes are drawn from; the variance beyond the fixed part is one.

    Attributes
    ----------
    icc_trust, icc_team : float
        Shares of the variance between trusts, and between the teams of a trust.
    departure : str
        Of `DEPARTURES`.
    """

    icc_trust: float
    icc_team: float
    departure: str = "normal"


def draw_outcomes(
    frame: pd.DataFrame,
    truth: Truth,
    treated: np.ndarray,
    trust: str,
    team: str | None,
    n: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Outcomes (people, n) without a difference between the arms.

    Covariates have no effect in them: every analysis here takes out what is linear in its covariates, so what is found
    of the arm is the same for whatever effect they have. Where some arms only have the smallest clusters, single people
    of the others have the variance of these for their own.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    truth : Truth
    treated : (people,) bool
    trust, team : str
        Columns; labels of teams may repeat across trusts.
    n : int
    rng : Generator
    """
    draw, group = _kinds(truth.departure, rng)
    import pandas as pd

    trusts, labels = pd.factorize(frame[trust], sort=True)
    teams, last = trusts, trusts
    if team:
        last, labels = pd.factorize(frame[team], sort=True)
        # numbered in order, as labels may repeat across trusts
        teams = np.unique(trusts * len(labels) + last, return_inverse=True)[1]
    spread = np.where(treated, _SPREAD[1], _SPREAD[0]) if truth.departure == "unequal" else np.ones(len(frame))
    together = ~np.array([is_alone(label) for label in labels])[last]
    of_team = np.where(together, truth.icc_team, 0.0)
    of_trust = np.full(len(frame), truth.icc_trust) if team else np.where(together, truth.icc_trust, 0.0)
    out = (np.sqrt(1.0 - of_trust - of_team) * spread)[:, None] * draw((len(frame), n))
    for codes, share in ((trusts, of_trust), (teams, of_team)):
        if share.any():
            out += np.sqrt(share)[:, None] * group((codes.max() + 1, n))[codes]
    if truth.departure == "informative":
        sizes = np.bincount(teams)
        moved = (sizes - sizes.mean()) / max(float(sizes.std()), 1e-12)
        out += _INFORMATIVE * np.outer(moved[teams], rng.choice([-1.0, 1.0], n))
    return out


def draw_over_time(
    frame: pd.DataFrame,
    truth: Truth,
    treated: np.ndarray,
    trust: str,
    team: str | None,
    person: str,
    n: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Outcomes (rows, n) of people at several waves, without a difference between the arms at any.

    Every wave is drawn as `draw_outcomes` says; half of the variance of each part is what all waves of a person, and of
    a cluster, share.

    Parameters
    ----------
    frame : DataFrame
        One row a person and wave; column ``wave``.
    treated : (rows,) bool
    person : str
        Column of the person.

    The others are those of `draw_outcomes`.
    """
    import pandas as pd

    first = ~frame[person].duplicated().to_numpy()
    place, waves = pd.factorize(frame[person])[0], pd.factorize(frame["wave"].astype(str), sort=True)[0]

    def drawn() -> np.ndarray:
        return draw_outcomes(frame[first], truth, treated[first], trust, team, n, rng)

    out = np.sqrt(_STABLE) * drawn()[place]
    for wave in range(waves.max() + 1):
        here = waves == wave
        out[here] += np.sqrt(1.0 - _STABLE) * drawn()[place[here]]
    return out


Draw = Callable[[tuple[int, ...]], np.ndarray]


def _kinds(departure: str, rng: np.random.Generator) -> tuple[Draw, Draw]:
    """What residuals and effects of clusters are drawn by, of unit variance but for the ceiling."""
    kinds: dict[str, Draw] = {
        "t3": lambda shape: rng.standard_t(3, shape) / np.sqrt(3.0),
        "skew": lambda shape: rng.exponential(1.0, shape) - 1.0,
    }
    if departure in kinds:
        return kinds[departure], kinds[departure]
    if departure == "ceiling":
        return lambda shape: np.minimum(rng.standard_normal(shape), _CEILING), rng.standard_normal
    return rng.standard_normal, rng.standard_normal
