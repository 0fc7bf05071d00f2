"""From what a total should look like to the thresholds and variances that produce it.

Model of an answer (graded response with a probit link): person i answers item j with

    x = loading * theta_i + sqrt(1 - loading^2) * e_ij,   theta, e standard normal,

and the answer is ``low`` plus ``step`` for each threshold that x exceeds. All totals below are
expectations over theta by Gauss-Hermite quadrature, so nothing is found by trial.

1. The location of the thresholds gives the mean: the marginal of x does not depend on the loading.
2. The loading (several items) or the distance of thresholds (one item) gives the SD.
3. Two totals whose thetas correlate rho have covariance Var(E[total | z]), where z is a shared
   standard normal that carries the part rho of theta: the same formula with the loading times
   sqrt(rho). Bisection gives the latent trust and team variances that yield the wanted ICCs, and the
   latent six-month correlation that yields the wanted correlation of totals.
4. A shift of theta gives a wanted difference of means (change over time, effect).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cpis_analysis.synthetic.normal import NODES, WEIGHTS, bisect, normal_cdf, normal_ppf
from cpis_analysis.synthetic.parameters import Latent
from cpis_analysis.synthetic.parameters_outcomes import Outcome


@dataclass(frozen=True, eq=False)
class Calibration:
    """What generates an instrument.

    Attributes
    ----------
    thresholds : ndarray (items, categories - 1)
        Ascending in each row, in units of x.
    loading : float
        Negative where a high answer is bad.
    variance_trust, variance_team, variance_person : float
        Shares of the variance of theta; they sum to one.
    persistence_specific : float
        Six-month correlation of what is particular to this outcome in a person.
    shift_change, shift_effect : float
        Shifts of theta at six months for everyone, and on top of it for treated people.
    """

    outcome: Outcome
    thresholds: np.ndarray
    loading: float
    variance_trust: float
    variance_team: float
    variance_person: float
    persistence_specific: float
    shift_change: float
    shift_effect: float


def _exceed(thresholds: np.ndarray, loading: float, theta: np.ndarray) -> np.ndarray:
    """P(x > threshold | theta), shape (theta, items, categories - 1)."""
    scale = np.sqrt(1.0 - loading**2)
    return normal_cdf((loading * theta[:, None, None] - thresholds[None, :, :]) / scale)


def score_mean(outcome: Outcome, thresholds: np.ndarray, loading: float, shift: float = 0.0) -> float:
    """Expected total when theta is normal with mean ``shift`` and variance one."""
    expected = _exceed(thresholds, loading, NODES + shift).sum(axis=(1, 2))
    return float(outcome.low * len(thresholds) + outcome.step * (WEIGHTS @ expected))


def score_variance(outcome: Outcome, thresholds: np.ndarray, loading: float) -> float:
    """Variance of the total: of its expectation given theta, plus that of answers given theta."""
    exceed = _exceed(thresholds, loading, NODES)
    answer = exceed.sum(axis=2)
    # E[k^2] of a count k of exceeded, ascending thresholds is the sum of (2k - 1) P(exceed the k-th)
    odd = 2.0 * np.arange(1, thresholds.shape[1] + 1) - 1.0
    within = (exceed @ odd - answer**2).sum(axis=1)
    total = answer.sum(axis=1)
    between = WEIGHTS @ total**2 - (WEIGHTS @ total) ** 2
    return float(outcome.step**2 * (between + WEIGHTS @ within))


def score_correlation(outcome: Outcome, thresholds: np.ndarray, loading: float, rho: float) -> float:
    """Correlation of two totals whose thetas correlate ``rho``."""
    total = _exceed(thresholds, loading * np.sqrt(rho), NODES).sum(axis=(1, 2))
    shared = outcome.step**2 * (WEIGHTS @ total**2 - (WEIGHTS @ total) ** 2)
    return float(shared / score_variance(outcome, thresholds, loading))


def _difficulties(outcome: Outcome) -> np.ndarray:
    """Evenly spaced normal quantiles in an order without trend (multiples of the golden ratio)."""
    n = len(outcome.columns)
    rank = np.argsort(np.argsort((np.arange(1, n + 1) * 0.6180339887498949) % 1.0))
    return outcome.spread * normal_ppf((rank + 0.5) / n)


def _located(outcome: Outcome, difficulties: np.ndarray, spacing: float) -> np.ndarray:
    """Thresholds with the wanted mean, at a given distance."""
    n = (outcome.high - outcome.low) // outcome.step
    shape = difficulties[:, None] + spacing * (np.arange(n) - (n - 1) / 2.0)[None, :]

    def excess(centre: float) -> float:
        return score_mean(outcome, shape + centre, 0.0) - _stated(outcome.mean)

    return shape + bisect(excess, -8.0, 8.0)


def _stated(given: float | None) -> float:
    """What an instrument says of its total, where it must say it."""
    if given is None:
        raise ValueError("An instrument states its mean, SD or loading, but for the one that is solved for.")
    return given


def _thresholds(outcome: Outcome) -> tuple[np.ndarray, float]:
    if outcome.level_shares is not None:
        below = np.cumsum(np.array(outcome.level_shares), axis=1)[:, :-1]
        return normal_ppf(below), _stated(outcome.item_loading)
    if outcome.spacing is not None:
        thresholds = _located(outcome, _difficulties(outcome), outcome.spacing)
        loading = bisect(lambda a: score_variance(outcome, thresholds, a) - _stated(outcome.sd) ** 2, 0.01, 0.995)
        return thresholds, loading
    one, loading = np.zeros(1), _stated(outcome.item_loading)

    def excess(spacing: float) -> float:
        return score_variance(outcome, _located(outcome, one, spacing), loading) - _stated(outcome.sd) ** 2

    thresholds = _located(outcome, one, bisect(excess, 0.05, 3.0))
    return np.repeat(thresholds, len(outcome.columns), axis=0), loading


@lru_cache(maxsize=64)
def calibrate(outcome: Outcome, latent: Latent) -> Calibration:
    """Thresholds, latent variances and shifts of an outcome; see the steps in the module's text.

    Raises
    ------
    ValueError
        When the wanted moments contradict each other.
    """
    thresholds, loading = _thresholds(outcome)

    def latent_correlation(wanted: float) -> float:
        return bisect(lambda r: score_correlation(outcome, thresholds, loading, r) - wanted, 0.0, 1.0)

    trust = latent_correlation(outcome.icc_trust)
    team = latent_correlation(outcome.icc_trust + outcome.icc_team) - trust
    person = 1.0 - trust - team
    within = (latent_correlation(outcome.prepost) - (trust + team) * latent.cluster_persistence) / person
    common = outcome.recovery_loading**2
    specific = (within - common * latent.recovery_persistence) / (1.0 - common)
    if not 0.0 <= specific < 1.0:
        raise ValueError(f"{outcome.name}: the six-month correlation can't be reached ({specific:.3f})")
    start = score_mean(outcome, thresholds, loading)

    def shift(difference: float) -> float:
        goal = start + difference
        return bisect(lambda d: score_mean(outcome, thresholds, loading, d) - goal, -3.0, 3.0)

    change = shift(outcome.change)
    effect = shift(outcome.change + outcome.effect) - change
    return Calibration(outcome, thresholds, loading, trust, team, person, specific, change, effect)
