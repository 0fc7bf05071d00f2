"""Latent standing of every person on every outcome, at both waves.

theta of person i in team j of trust k on outcome o at wave w is

    sqrt(v_trust) T_kow + sqrt(v_team) U_jow + sqrt(v_person) P_iow + shifts,

and each of T, U, P is ``a F + sqrt(1 - a^2) S_o`` with one recovery factor F at its level, the
outcome's loading a on it, and a part S that is particular to the outcome.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.seeds import generator
from cpis_analysis.synthetic.calibration import Calibration, calibrate
from cpis_analysis.synthetic.parameters import Parameters
from cpis_analysis.synthetic.simulated_people import People


@dataclass(frozen=True, eq=False)
class Standing:
    """``theta[outcome]`` and the personal ``recovery`` factor, each (people, 2 waves)."""

    theta: dict[str, np.ndarray]
    recovery: np.ndarray
    calibrations: dict[str, Calibration]


def _pair(rng: np.random.Generator, shape: tuple[int, ...], persistence: np.ndarray | float) -> np.ndarray:
    """Standard normal pairs over two waves, in the last axis, with the given correlation."""
    draws = rng.standard_normal((*shape, 2))
    later = persistence * draws[..., 0] + np.sqrt(1.0 - np.square(persistence)) * draws[..., 1]
    return np.stack([draws[..., 0], later], axis=-1)


def _level(
    rng: np.random.Generator, units: int, loadings: np.ndarray, common: float, specific: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """Effects (units, outcomes, waves) and the factor (units, waves) of one level."""
    factor = _pair(rng, (units,), common)
    own = _pair(rng, (units, len(loadings)), specific)
    a = loadings[None, :, None]
    return a * factor[:, None, :] + np.sqrt(1.0 - a**2) * own, factor


def draw_standing(parameters: Parameters, people: People, seed: int) -> Standing:
    """Draw trust, team and person effects, then add the shifts of the scenario."""
    scenario = parameters.scenario
    made = [calibrate(outcome, parameters.latent) for outcome in parameters.outcomes]
    loadings = np.array([c.outcome.recovery_loading for c in made])
    cluster = parameters.latent.cluster_persistence
    rng = {name: generator(seed, "synthetic", name) for name in ("trust effects", "team effects", "persons")}
    trust, _ = _level(rng["trust effects"], parameters.design.trusts, loadings, cluster, cluster)
    team, _ = _level(rng["team effects"], len(people.teams), loadings, cluster, cluster)
    specific = np.array([c.persistence_specific for c in made])
    persistence = parameters.latent.recovery_persistence
    person, recovery = _level(rng["persons"], len(people), loadings, persistence, specific)
    treated = {"nobody": np.zeros(len(people), dtype=bool), "arm": people.implementation, "team": people.trained}[
        scenario.treated
    ]
    theta = {}
    for o, c in enumerate(made):
        value = (
            np.sqrt(c.variance_trust) * trust[people.trust, o]
            + np.sqrt(c.variance_team) * team[people.team, o]
            + np.sqrt(c.variance_person) * person[:, o]
        )
        value = value + scenario.selection * people.implementation[:, None]
        value[:, 1] += c.shift_change + c.shift_effect * treated
        theta[c.outcome.name] = value
    return Standing(theta, recovery, {c.outcome.name: c for c in made})
