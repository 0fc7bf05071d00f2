"""The analyses whose explained R code is run against the engine, and the small study that they are of."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cpis_analysis.plan.explain_model import Variables
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.dataset import AnalysisData

FOLDER = Path(__file__).parent / "data" / "explain"

ANCOVA = "y_6m ~ arm + y_0m + age + gender + (1 | trust) + (1 | trust:team)"
FLAT = "z_6m ~ arm + z_0m + age + (1 | trust) + (1 | trust:team)"
LONG = "y ~ arm * wave + age + (1 | trust) + (1 | trust:team) + (1 | trust:team:wave) + (1 | participant_id)"
PLAIN = "y_6m ~ arm + y_0m + age + gender"

CASES: dict[str, dict] = {
    "ancova": {"formula": ANCOVA},
    "ancova_90": {"formula": ANCOVA, "level": 0.9},
    "trust_fixed": {"formula": "y_6m ~ arm + y_0m + trust + (1 | trust:team)"},
    "satterthwaite": {"formula": ANCOVA, "df_method": "satterthwaite"},
    "between_within": {"formula": ANCOVA, "df_method": "between-within"},
    "residual": {"formula": ANCOVA, "df_method": "residual"},
    "z": {"formula": ANCOVA, "df_method": "z"},
    "zero_keep": {"formula": FLAT},
    "zero_drop": {"formula": FLAT, "boundary": "drop"},
    "women": {"formula": ANCOVA.replace(" + gender", ""), "where": (("gender", ("f",)),), "population": "women"},
    "condition": {
        "formula": "y_6m ~ arm + y_0m + older + (1 | trust:team)", "population": "chosen",
        "condition": 'not (age > 60) and trust not in ["E"]', "derived": (("older", "age >= 45 or age is missing"),)},
    "condition_long": {
        "formula": "y ~ arm * wave + young + (1 | trust:team) + (1 | participant_id)", "effect": "arm:wave",
        "population": "chosen", "condition": 'z_0m < 60 and (gender == "f" or age <= y_0m)',
        "derived": (("young", "age < 40"),)},
    "transforms": {"formula": "y_6m ~ arm + scale(y_0m) + square(center(age)) + log(age) + (1 | trust:team)"},
    "moderated": {"formula": "y_6m ~ arm * center(age) + y_0m + (1 | trust:team)", "effect": "arm"},
    "moderated_team": {
        "formula": "y_6m ~ arm * in_c + y_0m + (1 | trust) + (1 | trust:team)", "effect": "arm:in_c",
        "derived": (("in_c", 'trust == "C"'),)},
    "slope": {"formula": "y_6m ~ arm + center(y_0m) + (1 + center(y_0m) | trust:team)"},
    "longitudinal": {"formula": LONG, "effect": "arm:wave"},
    "longitudinal_joined": {
        "formula": "y ~ arm * wave + z_0m + (1 | trust:team) + (1 | participant_id)", "effect": "arm:wave",
        "where": (("gender", ("f", "m")),), "population": "known"},
    "cr2_team": {"formula": PLAIN, "estimator": "ols_cr2", "cluster": "team"},
    "cr2_trust": {"formula": PLAIN, "estimator": "ols_cr2", "cluster": "trust"},
    "cluster_t": {"formula": PLAIN, "estimator": "cluster_summary", "cluster": "team"},
    "cluster_t_paired": {"formula": PLAIN, "estimator": "cluster_summary", "cluster": "team", "pairs": True},
    "trust_t_paired": {"formula": PLAIN, "estimator": "cluster_summary", "cluster": "trust", "pairs": True},
}

CATEGORIES = {"arm": ["c", "i"], "gender": ["f", "m"], "trust": list("ABCDE"), "team": ["North", "South"]}
VARIABLES = Variables(
    levels={**{name: tuple(codes) for name, codes in CATEGORIES.items()}, "wave": ("0m", "6m")},
    repeated=frozenset({"y", "z"}), joined=frozenset({"y_0m", "y_6m", "z_0m", "z_6m"}),
)
_DF = {"mixed": "kenward-roger", "ols_cr2": "satterthwaite", "cluster_summary": "between-within"}


def case_spec(name: str) -> AnalysisSpec:
    """The specification of a case."""
    estimator = CASES[name].get("estimator", "mixed")
    values = {
        "name": f"y.{name}", "outcome": "y", "model": name, "estimator": estimator,
        "rows": "long" if "wave" in CASES[name]["formula"] else "wide", "effect": "arm", "df_method": _DF[estimator],
        "boundary": "keep", "cluster": None, "pairs": False, "population": "available", "where": (), "level": 0.95,
        "arm": "arm", "reference": "c", "trust": "trust", "team": "team", "participant": "participant_id",
        "baseline_wave": "0m", "followup_wave": "6m", "baseline": "y_0m", "followup": "y_6m",
    }
    return AnalysisSpec(**(values | CASES[name]))


def stored_data() -> AnalysisData:
    """The study as the R code reads it."""
    frames = {}
    for name in ("participants", "interviews"):
        frame = pd.read_csv(FOLDER / "processed" / f"{name}.csv")
        for column, codes in CATEGORIES.items():
            frame[column] = pd.Categorical(frame[column], categories=codes)
        frames[name] = frame
    talks = frames["interviews"]
    talks["wave"] = pd.Categorical(talks["wave"], categories=["0m", "6m"], ordered=True)
    return AnalysisData(frames["participants"], talks)
