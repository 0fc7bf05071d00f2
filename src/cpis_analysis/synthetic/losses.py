"""Who is lost to interview and why, and which questions are left unanswered."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cpis_analysis.seeds import generator
from cpis_analysis.synthetic.latent import Standing
from cpis_analysis.synthetic.normal import bisect, pick
from cpis_analysis.synthetic.parameters import Parameters
from cpis_analysis.synthetic.simulated_people import People
from cpis_analysis.synthetic.variable_rows import Variable


def _logistic(rng: np.random.Generator, n: int) -> np.ndarray:
    u = np.clip(rng.random(n), 1e-12, 1.0 - 1e-12)
    return np.log(u) - np.log1p(-u)


def _predictor(
    parameters: Parameters, people: People, standing: Standing, traits: pd.DataFrame, rng: np.random.Generator
) -> np.ndarray:
    """Log odds of loss after baseline, up to the intercept."""
    losses, scenario = parameters.losses, parameters.scenario
    value = np.log(losses.or_age_year) * (traits["age"].to_numpy() - parameters.characteristics.age_mean)
    for column, code, ratio in (
        ("gender", "male", losses.or_male),
        ("substance_use", "yes", losses.or_substance),
        ("diagnosis", "psychosis", losses.or_psychosis),
    ):
        value = value + np.log(ratio) * (traits[column] == code).to_numpy()
    value = value - np.log(losses.or_recovery_sd_lower) * standing.recovery[:, 0]
    value = value + np.log(losses.or_comparison) * ~people.implementation
    value = value + losses.trust_sd * rng.standard_normal(parameters.design.trusts)[people.trust]
    unseen = np.where(people.implementation, scenario.unseen_loss[1], scenario.unseen_loss[0])
    return value - unseen * standing.theta["rguk"][:, 1]


def fates(parameters: Parameters, people: People, standing: Standing, traits: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Status, loss_reason and loss_on of every recruit.

    Loss after baseline is a threshold model with logistic noise whose intercept gives the expected
    share. With exact losses the people with the highest values are lost, in the wanted number.
    """
    losses = parameters.losses
    n = len(people)
    rng = generator(seed, "synthetic", "losses")
    first = _logistic(rng, n)
    value = _predictor(parameters, people, standing, traits, rng)
    noise = _logistic(rng, n)
    if parameters.scenario.exact_losses:
        before = _highest(first, np.ones(n, dtype=bool), losses.exact_before)
        after = _highest(value + noise, ~before, losses.exact_after)
    else:
        odds = losses.before_baseline / (1.0 - losses.before_baseline)
        before = first + np.log(odds) > 0
        wanted = losses.after_baseline
        intercept = bisect(lambda a: float(np.mean(1.0 / (1.0 + np.exp(-a - value))) - wanted), -30.0, 30.0)
        after = ~before & (intercept + value + noise > 0)
    reasons = np.array(losses.reasons, dtype=object)
    uniform = rng.random(n)
    reason = np.where(
        before, reasons[pick(uniform, losses.reasons_before)], reasons[pick(uniform, losses.reasons_after)]
    )
    lost = before | after
    return pd.DataFrame(
        {
            "status": np.select([before, after], ["lost_before_baseline", "lost_after_baseline"], "completed"),
            "loss_reason": np.where(lost, reason, None),
            "loss_on": _loss_day(people, before, after, rng),
        }
    )


def _highest(value: np.ndarray, among: np.ndarray, count: int) -> np.ndarray:
    chosen = np.zeros(len(value), dtype=bool)
    chosen[np.argsort(np.where(among, -value, np.inf), kind="stable")[:count]] = True
    return chosen


def _loss_day(people: People, before: np.ndarray, after: np.ndarray, rng: np.random.Generator) -> pd.Series:
    """A day between recruitment and the planned baseline, or between baseline and six months."""
    log = people.log
    fraction = rng.random(len(log))
    start = log["recruited_on"].where(pd.Series(before), log["date_0m"])
    end = log["date_0m"].where(pd.Series(before), log["date_6m"])
    days = np.floor((0.2 + 0.8 * fraction) * (end - start).dt.days).astype(int)
    day = start + pd.to_timedelta(days, unit="D")
    return day.where(pd.Series(before | after))


def unanswered(parameters: Parameters, asked: tuple[Variable, ...], n: int, seed: int, wave: str) -> pd.DataFrame:
    """True where a question was not answered, one column a variable of the interview.

    Gender, age and the date are always known. Whoever leaves open whether support was received is
    not asked for details, which the caller takes from the branching logic.
    """
    rates = parameters.non_response
    rng = generator(seed, "synthetic", "non-response", wave)
    instruments = {o.columns: o.name for o in parameters.outcomes if o.name != "gas"}
    scale_of = {column: name for columns, name in instruments.items() for column in columns}
    scale_of["eq_vas"] = "eq5d5l"
    skipped = {name: rng.random(n) < rates.scale for name in instruments.values()}
    mask = {}
    for variable in asked:
        rate = rates.characteristic if variable.form == "baseline" else rates.experience
        if variable.name in scale_of or variable.name.startswith("gas_"):
            rate = rates.item
        gap = rng.random(n) < rate
        if variable.name in scale_of:
            gap |= skipped[scale_of[variable.name]]
        always = variable.name in ("gender", "age", "interview_date") or variable.name.endswith("_weight")
        mask[variable.name] = gap & (not always)
    return pd.DataFrame(mask)
