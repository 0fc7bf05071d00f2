"""A small made-up study for the tests of the analyses: teams in trusts, two waves."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd

from cpis_analysis.analyses.result_records import Names, result_from_record, result_to_record
from cpis_analysis.methods import method_named
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.dataset import AnalysisData

PLAN = """version: 2
study: {name: S, short_name: S, synthetic: true, randomised: true}
data: {dictionary: d.csv, sources: {a: {file: a.csv, holds: wide}}}
design:
  participant: participant_id
  arm: {variable: arm, reference: c}
  levels:
    - {variable: trust, label: trust}
    - {variable: team, label: team}
  waves: [{name: 0m, label: Before, months: 0}, {name: 6m, label: After, months: 6}]
report: {title: T}
"""
"""Text of its plan, to which outcomes and models are to be added."""

PAIRED = tuple(f"{trust}/{team}" for trust in "ABCDE" for team in ("North/c", "South/i"))


def study(teams=PAIRED, size=6, seed=1, team_sd=1.5, trust_sd=0.0, effect=1.0, lost=(), person_sd=2.0):
    """Analysis data with outcome y (y_0m, y_6m, y_change); teams in ``lost`` have no follow-up."""
    rng = np.random.default_rng(seed)
    sizes = [size] * len(teams) if np.isscalar(size) else list(size)
    rows = []
    trusts = {team.split("/")[0]: rng.normal(0, trust_sd) for team in teams}
    for team, n in zip(teams, sizes, strict=True):
        trust, label, arm = team.split("/")
        shift = rng.normal(0, team_sd) + trusts[trust]
        for _ in range(n):
            person = rng.normal(0, person_sd)
            before = 10 + shift + person + rng.normal(0, 1)
            after = 11 + shift + person + rng.normal(0, 1) + (effect if arm == "i" else 0)
            rows.append((arm, trust, label, float(rng.integers(20, 70)), rng.choice(["f", "m"]), before, after))
    wide = pd.DataFrame(rows, columns=["arm", "trust", "team", "age", "gender", "y_0m", "y_6m"])
    wide.insert(0, "participant_id", [f"P{i:03d}" for i in range(len(wide))])
    wide.loc[(wide["trust"] + "/" + wide["team"]).isin(lost), "y_6m"] = np.nan
    wide["has_0m"], wide["has_6m"] = wide["y_0m"].notna(), wide["y_6m"].notna()
    for column in ("arm", "trust", "team", "gender"):
        wide[column] = pd.Categorical(wide[column])
    wide["y_change"] = wide["y_6m"] - wide["y_0m"]
    keys = ["participant_id", "arm", "trust", "team", "age", "gender"]
    long = pd.concat([wide[keys].assign(wave=w, y=wide[f"y_{w}"])[wide[f"has_{w}"]] for w in ("0m", "6m")])
    long["wave"] = pd.Categorical(long["wave"], categories=["0m", "6m"], ordered=True)
    long = long.sort_values(["participant_id", "wave"]).reset_index(drop=True)
    return AnalysisData(wide, long)


def spec(formula, estimator="mixed", **changes):
    """A specification of the made-up study."""
    values = {
        "name": "y.model",
        "outcome": "y",
        "model": "model",
        "estimator": estimator,
        "rows": "long" if "wave" in formula else "wide",
        "formula": formula,
        "effect": "arm",
        "df_method": method_named(estimator).degrees[0].name,
        "boundary": "keep",
        "cluster": None,
        "pairs": False,
        "population": "available",
        "where": (),
        "level": 0.95,
        "arm": "arm",
        "reference": "c",
        "levels": ("trust", "team"),
        "participant": "participant_id",
        "baseline_wave": "0m",
        "followup_wave": "6m",
        "baseline": "y_0m",
        "followup": "y_6m",
    }
    return AnalysisSpec(**(values | changes))


def answering_study():
    """A study whose people have an event and answers in order, with effects of teams.

    Returns
    -------
    AnalysisData, DataFrame, ndarray, Generator
        The study, its people with ``e_6m`` and ``o_6m``, logits of the event, and what further answers are drawn by.
    """
    made = study(size=14, seed=5)
    wide = made.participants.copy()
    random = np.random.default_rng(8)
    teams = wide.groupby(["trust", "team"], observed=True).ngroup().to_numpy()
    eta = random.normal(0, 0.9, teams.max() + 1)[teams] + 0.7 * (wide["arm"] == "i") + 0.3
    latent = eta + random.logistic(size=len(wide))
    wide["e_6m"] = (latent > 0).astype(float)
    wide["o_6m"] = np.digitize(latent, [-0.7, 0.9]).astype(float)
    return made, wide, eta, random


def read_back(result):
    """The result as its record in a file and what its names stand for give it."""
    named = {str(one.contrast): one.contrast for one in (result.estimate, *result.contrasts)}
    record = json.loads(json.dumps(result_to_record(result)))
    return replace(result_from_record(record, Names(named, result.parts)), parts=result.parts)
