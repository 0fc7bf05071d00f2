"""Trusts, teams, recruits and their calendar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cpis_analysis.seeds import generator
from cpis_analysis.synthetic.normal import normal_ppf
from cpis_analysis.synthetic.parameters import Design, Parameters

_COMPASS = ("North", "South", "East", "West", "Central")


def trust_labels(design: Design) -> tuple[str, ...]:
    """A, B, ... Z, AA, AB, ..."""
    letters = [chr(ord("A") + i) for i in range(26)]
    doubled = letters + [a + b for a in letters for b in letters]
    trebled = doubled + [a + b for a in letters for b in doubled[26:]]
    return tuple(trebled[: design.trusts])


def _names(design: Design) -> list[tuple[str, ...]]:
    """Team labels of each trust; the study's own first, then compass points in turn, then numbers."""
    rows = []
    for i in range(design.trusts):
        own = design.team_names[i % len(design.team_names)]
        rest = [name for name in _COMPASS if name not in own]
        extra = [f"Team {k}" for k in range(6, design.teams_per_trust + 1)]
        rows.append(tuple([*own, *rest, *extra][: design.teams_per_trust]))
    return rows


def team_labels(design: Design) -> tuple[str, ...]:
    """Distinct team labels, compass points first."""
    used = {name for row in _names(design) for name in row}
    extra = [f"Team {k}" for k in range(6, design.teams_per_trust + 1)]
    return tuple(name for name in (*_COMPASS, *extra) if name in used)


def team_list(parameters: Parameters, seed: int) -> pd.DataFrame:
    """One row a team: trust, team, arm, trained (bool), fidelity, recruits.

    Arms alternate within a trust, implementation first; with an odd number of teams in a trust
    every other trust begins with a comparison team.
    """
    design = parameters.design
    rng = generator(seed, "synthetic", "teams")
    rows = []
    for i, (trust, names) in enumerate(zip(trust_labels(design), _names(design), strict=True)):
        for j, team in enumerate(names):
            odd = (j + i * (design.teams_per_trust % 2)) % 2
            arm = "comparison" if odd else "implementation"
            low, high = design.fidelity_comparison if odd else design.fidelity_implementation
            rows.append([trust, team, arm, False, int(rng.integers(low, high + 1))])
    frame = pd.DataFrame(rows, columns=["trust", "team", "arm", "trained", "fidelity"])
    home = trust_labels(design)[min(design.trained_trust, design.trusts - 1)]
    candidates = frame.index[(frame["trust"] == home) & (frame["arm"] == "implementation")]
    if len(candidates):
        frame.loc[candidates[0], "trained"] = True
        frame.loc[candidates[0], "fidelity"] = design.fidelity_trained
    counts = design.recruits
    frame["recruits"] = [counts] * len(frame) if isinstance(counts, int) else list(counts)
    return frame


@dataclass(frozen=True, eq=False)
class People:
    """Recruits in the order of their numbers.

    ``log`` has participant_id, trust, team, arm and the days of recruitment, baseline and six-month
    interview (as dates, held or not); ``trust`` and ``team`` are positions, ``team`` in ``teams``.
    """

    log: pd.DataFrame
    teams: pd.DataFrame
    trust: np.ndarray
    team: np.ndarray

    def __len__(self) -> int:
        return len(self.log)

    @property
    def implementation(self) -> np.ndarray:
        """Whether each person is in the implementation arm."""
        return (self.log["arm"] == "implementation").to_numpy()

    @property
    def trained(self) -> np.ndarray:
        """Whether each person is with the team that delivered the training."""
        return self.teams["trained"].to_numpy()[self.team]


def recruit(parameters: Parameters, seed: int) -> People:
    """Recruit, number people by the day of recruitment, and plan their interviews."""
    teams = team_list(parameters, seed)
    schedule = parameters.schedule
    rng = generator(seed, "synthetic", "recruitment")
    team = np.repeat(np.arange(len(teams)), teams["recruits"])
    n = len(team)
    day = np.floor(rng.random(n) * schedule.recruitment_days).astype(int)
    order = np.lexsort((rng.random(n), day))
    team, day = team[order], day[order]
    lag = rng.integers(0, schedule.baseline_lag_max + 1, n)
    gap = _followup_days(parameters, rng, day + lag)
    first = pd.Timestamp(schedule.first_day)
    width = max(3, len(str(n)))
    log = teams.loc[team, ["trust", "team", "arm"]].reset_index(drop=True)
    log.insert(0, "participant_id", [f"CP{i:0{width}d}" for i in range(1, n + 1)])
    log["recruited_on"] = first + pd.to_timedelta(day, unit="D")
    log["date_0m"] = first + pd.to_timedelta(day + lag, unit="D")
    log["date_6m"] = first + pd.to_timedelta(day + lag + gap, unit="D")
    codes = {label: i for i, label in enumerate(trust_labels(parameters.design))}
    trust = teams["trust"].map(codes).to_numpy()[team]
    return People(log, teams, trust, team)


def _followup_days(parameters: Parameters, rng: np.random.Generator, start: np.ndarray) -> np.ndarray:
    """Days from baseline to six months; a few are far from it, late only where time remains."""
    schedule = parameters.schedule
    n = len(start)
    z = normal_ppf(np.clip(rng.random(n), 1e-9, 1 - 1e-9))
    usual = np.rint(schedule.followup_mean + schedule.followup_sd * z)
    usual = np.clip(usual, *schedule.followup_range).astype(int)
    outside = rng.random(n) < schedule.outside_window
    early = rng.integers(schedule.early_range[0], schedule.early_range[1] + 1, n)
    late = rng.integers(schedule.late_range[0], schedule.late_range[1] + 1, n)
    last = (pd.Timestamp(schedule.last_day) - pd.Timestamp(schedule.first_day)).days
    far = np.where(start + late <= last, late, early)
    return np.where(outside, far, usual)
