"""What people would answer if everyone were asked everything: the instruments and characteristics."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cpis_analysis.seeds import generator
from cpis_analysis.synthetic.latent import Standing
from cpis_analysis.synthetic.normal import normal_cdf, normal_ppf, pick
from cpis_analysis.synthetic.parameters import Characteristics, Parameters
from cpis_analysis.synthetic.simulated_people import People


def instrument_answers(parameters: Parameters, standing: Standing, seed: int, wave: int) -> pd.DataFrame:
    """Item answers of all people at a wave (0 or 1); goals are answered at six months only."""
    columns: dict[str, np.ndarray] = {}
    for name, calibration in standing.calibrations.items():
        outcome = calibration.outcome
        rng = generator(seed, "synthetic", "answers", name, str(wave))
        theta = standing.theta[name][:, wave]
        noise = rng.standard_normal((len(theta), len(outcome.columns)))
        x = calibration.loading * theta[:, None] + np.sqrt(1.0 - calibration.loading**2) * noise
        exceeded = (x[:, :, None] > calibration.thresholds[None, :, :]).sum(axis=2)
        value = (outcome.low + outcome.step * exceeded).astype(float)
        if name == "eq_vas":
            value[:, 0] = _unheap(parameters, rng, value[:, 0])
        columns.update({column: value[:, j] for j, column in enumerate(outcome.columns)})
    frame = pd.DataFrame(columns)
    _goals(parameters, frame, seed, wave)
    return frame


def _unheap(parameters: Parameters, rng: np.random.Generator, value: np.ndarray) -> np.ndarray:
    plain = rng.random(len(value)) >= parameters.latent.heaped
    moved = np.clip(value + rng.integers(-2, 3, len(value)), 0, 100)
    return np.where(plain, moved, value)


def _goals(parameters: Parameters, frame: pd.DataFrame, seed: int, wave: int) -> None:
    """Set weights at baseline, keep scores at six months; drop goals that were not set."""
    n = len(frame)
    rng = generator(seed, "synthetic", "goals")
    weights = rng.integers(1, 4, (n, 3)).astype(float)
    second = rng.random(n) < parameters.latent.goals_set[0]
    third = second & (rng.random(n) < parameters.latent.goals_set[1] / parameters.latent.goals_set[0])
    weights[~second, 1] = np.nan
    weights[~third, 2] = np.nan
    for i in range(3):
        score = f"gas_{i + 1}_score"
        frame[f"gas_{i + 1}_weight"] = weights[:, i] if wave == 0 else np.nan
        frame[score] = np.where(np.isnan(weights[:, i]), np.nan, frame[score]) if wave == 1 else np.nan


def _latent(rng: np.random.Generator, on: np.ndarray, correlation: float) -> np.ndarray:
    return correlation * on + np.sqrt(1.0 - correlation**2) * rng.standard_normal(len(on))


def _yes(latent: np.ndarray, share: float) -> np.ndarray:
    return np.where(latent > normal_ppf(1.0 - share), "yes", "no")


def characteristics(parameters: Parameters, people: People, standing: Standing, seed: int) -> pd.DataFrame:
    """Baseline characteristics, some of them related to recovery or to social capital."""
    c: Characteristics = parameters.characteristics
    n = len(people)
    rng = generator(seed, "synthetic", "characteristics")
    recovery, social = standing.recovery[:, 0], standing.theta["rguk"][:, 0]

    low, high = ((edge - c.age_mean) / c.age_sd for edge in (c.age_range[0], c.age_range[1] + 1))
    inside = normal_cdf(np.array([low, high]))
    age = c.age_mean + c.age_sd * normal_ppf(inside[0] + (inside[1] - inside[0]) * rng.random(n))
    age = age + parameters.scenario.selection_age * people.implementation
    shares = np.tile(c.ethnicity, (n, 1))
    shares[people.trust == 1] = c.ethnicity_second_trust

    def category(codes: tuple[str, ...], share: np.ndarray | tuple[float, ...]) -> np.ndarray:
        return np.array(codes, dtype=object)[pick(rng.random(n), share)]

    gender = (c.female, 1.0 - c.female - c.gender_other, c.gender_other)
    leisure = c.leisure_mean + c.leisure_sd * _latent(rng, social, c.leisure_social)
    return pd.DataFrame(
        {
            "age": np.clip(np.floor(age), *c.age_range),
            "gender": category(("female", "male", "other"), gender),
            "ethnicity": category(("white", "asian", "black", "mixed", "other"), shares),
            "relationship": category(("single", "partnered", "separated"), c.relationship),
            "lives_alone": _yes(_latent(rng, social, c.lives_alone_social), c.lives_alone),
            "paid_work": _yes(_latent(rng, social, c.paid_work_social), c.paid_work),
            "education": _yes(rng.standard_normal(n), c.above_gcse),
            "diagnosis": category(
                ("psychosis", "bipolar", "depression", "anxiety", "personality", "other"), c.diagnosis
            ),
            "substance_use": _yes(_latent(rng, recovery, c.substance_recovery), c.substance_use),
            "admission_9m": _yes(_latent(rng, recovery, c.admission_recovery), c.admission_9m),
            "leisure_7d": np.clip(np.rint(leisure), 0, 14) + 0.0,
        }
    )
