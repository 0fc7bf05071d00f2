"""A study with several waves that has not been done: who is seen when, and what hangs together."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cpis_analysis.errors import PlanError, Problem
from cpis_analysis.operating.next_study import NextStudy
from cpis_analysis.plan.specification import AnalysisSpec

OUTCOME, _BEFORE = "next_outcome", "next_before"
_GOLDEN = 0.6180339887498949

DIFFERENCES = {
    "last": "at the last wave",
    "average": "on average over the waves",
    "change": "in the change from the first wave to the last",
    "slope": "in the straight line through the waves, from the first to the last",
}


@dataclass(frozen=True)
class ClusterLevel:
    """What the clusters of one level share.

    Attributes
    ----------
    stays : float
        Variance of what is the same at all waves.
    own : float, optional
        Variance of what each wave has of its own; None where the model has no such part.
    """

    stays: float
    own: float | None

    @classmethod
    def of(cls, variance: float, autocorrelation: float) -> ClusterLevel:
        """From the variance at one wave and the correlation of a cluster's effects at two waves.

        This is the cluster autocorrelation of Hooper et al. (2016), Statistics in Medicine 35:4718.
        """
        stays = variance * autocorrelation
        return cls(stays, None if autocorrelation == 1.0 else variance - stays)

    @property
    def parts(self) -> tuple[float, ...]:
        """The variances of the model's terms."""
        return (self.stays,) if self.own is None else (self.stays, self.own)

    @property
    def variance(self) -> float:
        """Of the effects at one wave."""
        return sum(self.parts)

    def times(self, factor: float) -> ClusterLevel:
        """In another unit."""
        return ClusterLevel(self.stays * factor, None if self.own is None else self.own * factor)


@dataclass(frozen=True)
class WaveStudy:
    """A design and its truth; variances in units of the squared SD at the last wave beyond the covariates.

    Attributes
    ----------
    clusters : NextStudy
        Clusters, their sizes at the start and where the arm lies; of a study without clusters one of both arms.
    residual : (T, T) float
        Covariance of a person's values over the waves within the clusters.
    levels : tuple of ClusterLevel
        The largest clusters first; none in a study without clusters.
    lost : tuple of float, (T,)
        Share of the people who are not seen at a wave nor later.
    """

    clusters: NextStudy
    residual: np.ndarray
    levels: tuple[ClusterLevel, ...]
    lost: tuple[float, ...]

    @property
    def waves(self) -> int:
        """How many there are."""
        return len(self.residual)

    def people(self, template: AnalysisSpec) -> pd.DataFrame:
        """A row for each person and wave that is seen, in the plan's variables, with one number from before the study.

        Within each cluster the people who are lost are spread evenly over it, so that shares are as near to `lost` as
        whole people allow; the first of an arm is not always the first to go, as clusters start at other places.
        """
        sizes = self.clusters.sizes()
        team = np.repeat(np.arange(len(sizes)), sizes)
        within = np.concatenate([np.arange(size) for size in sizes])
        trust = team // self.clusters.teams
        own = trust % 2 if self.clusters.arm == "between" else (team % self.clusters.teams) % 2
        side = own if self.levels else within % 2
        place = within // 2 if not self.levels else within
        number = sizes[team] if self.levels else sizes[team] / 2.0
        rank = ((place + 0.5) / number + _GOLDEN * team) % 1.0
        before = np.random.default_rng(len(team)).normal(size=len(team))
        frame = pd.DataFrame(
            {
                template.participant: [f"p{one:05d}" for one in range(len(team))],
                template.arm: np.array([template.reference, f"not {template.reference}"])[side],
                **{
                    name: [f"{one + 1:03d}" for one in codes]
                    for name, codes in zip(template.levels, (trust, team), strict=False)
                },
                _BEFORE: before,
                OUTCOME: before,
            }
        )
        seen = [frame[rank >= share].assign(wave=f"w{wave + 1:02d}") for wave, share in enumerate(self.lost)]
        return pd.concat(seen, ignore_index=True)

    def formula(self, template: AnalysisSpec) -> str:
        """The model: the arm at every wave, the covariate, and what the clusters of each level share."""
        terms = []
        group = ""
        for name, level in zip(template.levels, self.levels, strict=False):
            group = f"{group}:{name}" if group else name
            terms += [f"(1 | {group})", f"(1 | {group}:wave)"][: len(level.parts)]
        return " + ".join([f"{OUTCOME} ~ {template.arm} * wave + {_BEFORE}", *terms])

    def correlation(self, wave: int) -> float:
        """Of a person's values at a wave, by its place, and at the last one."""
        return float(self.residual[wave, -1] / np.sqrt(self.residual[wave, wave] * self.residual[-1, -1]))

    @property
    def variances(self) -> list[float]:
        """Of the random terms of `formula`, in their order."""
        return [part for level in self.levels for part in level.parts]


def correlations(waves: int, neighbours: float, decay: bool) -> np.ndarray:
    """Correlations of a person's values (T, T): the same between all waves, or to the power of the steps apart."""
    apart = np.abs(np.arange(waves)[:, None] - np.arange(waves))
    return np.where(apart == 0, 1.0, neighbours ** (apart if decay else 1.0))


def pattern_of_loss(lost: tuple[float, ...], waves: int) -> tuple[float, ...]:
    """Share lost at each wave: those given for each, or one for the last, to which the loss grows in equal steps.

    Raises
    ------
    PlanError
        If there is another number, a share is none, or people come back.
    """
    if len(lost) not in (0, 1, waves):
        message = "the share lost is given once, for the last wave, or for each wave"
        problem = Problem(message, value=str(len(lost)), allowed=f"1 or {waves}")
        raise PlanError("This is no design that could be analysed.", problem)
    shares = lost if len(lost) == waves else tuple((lost or (0.0,))[0] * (wave + 1) / waves for wave in range(waves))
    problems = [
        Problem("the share that is lost", value=f"{share:g}", allowed="from 0 to below 1")
        for share in shares
        if not 0.0 <= share < 1.0
    ]
    if any(later < earlier for earlier, later in itertools.pairwise(shares)):
        listed = ", ".join(f"{share:g}" for share in shares)
        hint = "give the share that is lost up to each wave"
        problems.append(Problem("who is lost does not come back, so shares can't fall", value=listed, hint=hint))
    if problems:
        raise PlanError("This is no design that could be analysed.", problems)
    return shares


def wave_weights(difference: str, waves: int) -> np.ndarray:
    """How much the arms' difference at each wave counts in one of `DIFFERENCES`, (T,)."""
    at = np.arange(waves) - (waves - 1) / 2.0
    ends = np.zeros(waves)
    ends[-1] = 1.0
    if difference == "average":
        return np.full(waves, 1.0 / waves)
    if difference == "change":
        ends[0] = -1.0
    if difference == "slope":
        return at * (waves - 1) / float(at @ at)
    return ends
