"""The analyses whose explained R code is run against the engine, and the small study that they are of."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cpis_analysis.plan.specification import AnalysisSpec, ContrastSpec
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.translate.notation.translation import Variables
from made_up_study import spec

FOLDER = Path(__file__).parents[1] / "golden" / "data" / "explain"

ANCOVA = "y_6m ~ arm + y_0m + age + gender + (1 | trust) + (1 | trust:team)"
FLAT = "z_6m ~ arm + z_0m + age + (1 | trust) + (1 | trust:team)"
LONG = "y ~ arm * wave + age + (1 | trust) + (1 | trust:team) + (1 | trust:team:wave) + (1 | participant_id)"
MMRM = "y ~ arm * wave + age"
PLAIN = "y_6m ~ arm + y_0m + age + gender"

IN_C = {
    "formula": "y_6m ~ arm * in_c + y_0m + (1 | trust) + (1 | trust:team)",
    "effect": "arm:in_c",
    "derived": (("in_c", 'trust == "C"'),),
}
BY_IN_C = (ContrastSpec("moderator", moderator="in_c"), ContrastSpec("joint", ("arm", "arm:in_c")))
BY_GENDER = (
    ContrastSpec("difference"),
    ContrastSpec("moderator", moderator="gender"),
    ContrastSpec("joint", ("gender", "arm:gender")),
)
BINARY = {
    "estimator": "gee",
    "outcome": "b",
    "followup": "b_6m",
    "baseline": None,
    "outcome_type": "binary",
    "formula": "b_6m ~ arm + age + gender",
    "cluster": "team",
    "link": "logit",
    "correlation": "exchangeable",
    "correction": "mancl-derouen",
}
LEVELS = "(1 | trust) + (1 | trust:team)"
ODDS = {
    "estimator": "glmm",
    "outcome": "b",
    "followup": "b_6m",
    "baseline": None,
    "outcome_type": "binary",
    "family": "binomial",
    "formula": f"b_6m ~ arm + age + {LEVELS}",
}
ORDERED = ODDS | {
    "outcome": "o",
    "followup": "o_6m",
    "outcome_type": "ordinal",
    "family": "ordinal",
    "low": 0.0,
    "high": 2.0,
    "formula": f"o_6m ~ arm + age + {LEVELS}",
}
COUNT = ODDS | {
    "outcome": "k",
    "followup": "k_6m",
    "outcome_type": "count",
    "family": "poisson",
    "formula": f"k_6m ~ arm + age + {LEVELS}",
}
RATES = COUNT | {
    "estimator": "cluster_rates",
    "family": "",
    "cluster": "team",
    "formula": "k_6m ~ arm + age + gender",
}
BY_DESIGN = {"estimator": "by_design", "outcome": "b", "followup": "b_6m", "outcome_type": "binary"}

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
        "formula": "y_6m ~ arm + y_0m + older + (1 | trust:team)",
        "population": "chosen",
        "condition": 'not (age > 60) and trust not in ["E"]',
        "derived": (("older", "age >= 45 or age is missing"),),
    },
    "condition_long": {
        "formula": "y ~ arm * wave + young + (1 | trust:team) + (1 | participant_id)",
        "effect": "arm:wave",
        "population": "chosen",
        "condition": 'z_0m < 60 and (gender == "f" or age <= y_0m)',
        "derived": (("young", "age < 40"),),
    },
    "transforms": {"formula": "y_6m ~ arm + scale(y_0m) + square(center(age)) + log(age) + (1 | trust:team)"},
    "moderated": {"formula": "y_6m ~ arm * center(age) + y_0m + (1 | trust:team)", "effect": "arm"},
    "moderated_team": {
        "formula": "y_6m ~ arm * in_c + y_0m + (1 | trust) + (1 | trust:team)",
        "effect": "arm:in_c",
        "derived": (("in_c", 'trust == "C"'),),
    },
    "cluster_means": {
        "formula": "y_6m ~ arm + within(y_0m | team) + mean(y_0m | team) + mean(arm | trust) + mean(young | team) + age"
        " + (1 | trust:team)",
        "population": "known",
        "where": (("gender", ("f", "m")),),
        "derived": (("young", "age < 40"),),
    },
    "cluster_means_long": {
        "formula": "y ~ arm * wave + center(mean(z_0m | team)) + mean(arm | trust) + (1 | trust:team)"
        " + (1 | participant_id)",
        "effect": "arm:wave",
    },
    "slope": {"formula": "y_6m ~ arm + center(y_0m) + (1 + center(y_0m) | trust:team)"},
    "longitudinal": {"formula": LONG, "effect": "arm:wave"},
    "longitudinal_joined": {
        "formula": "y ~ arm * wave + z_0m + (1 | trust:team) + (1 | participant_id)",
        "effect": "arm:wave",
        "where": (("gender", ("f", "m")),),
        "population": "known",
    },
    "cr2_team": {"formula": PLAIN, "estimator": "ols_cr2", "cluster": "team"},
    "cr2_trust": {"formula": PLAIN, "estimator": "ols_cr2", "cluster": "trust"},
    "cluster_t": {"formula": PLAIN, "estimator": "cluster_summary", "cluster": "team"},
    "cluster_t_trust": {"formula": PLAIN + " + trust", "estimator": "cluster_summary", "cluster": "team"},
    "cluster_t_paired": {"formula": PLAIN, "estimator": "cluster_summary", "cluster": "team", "pairs": True},
    "trust_t_paired": {"formula": PLAIN, "estimator": "cluster_summary", "cluster": "trust", "pairs": True},
    "mmrm_clusters": {
        "formula": f"{MMRM} + (1 | trust) + (1 | trust:team)",
        "effect": "arm:wave",
        "estimator": "mmrm",
        "covariance": "unstructured",
        # nlme has estimates and standard errors, and other degrees of freedom
        "df_method": "z",
        "contrasts": (ContrastSpec("difference"), ContrastSpec("joint", ("arm", "arm:wave"))),
    },
    "mmrm_arms": {
        "formula": "y_6m ~ arm + y_0m + age + (1 | trust:team)",
        "estimator": "mmrm",
        "covariance": "independent",
        "residual_by": "arm",
        "df_method": "z",
    },
    "permuted": {"formula": PLAIN, "estimator": "permutation"},
    "permuted_90": {"formula": PLAIN, "estimator": "permutation", "level": 0.9},
    "permuted_across": {"formula": PLAIN, "estimator": "permutation", "across": True},
    "adjusted": {"formula": PLAIN, "estimator": "adjusted_permutation"},
    "adjusted_90": {"formula": PLAIN, "estimator": "adjusted_permutation", "level": 0.9},
    "wild_team": {"formula": PLAIN, "estimator": "wild_bootstrap", "cluster": "team", "weights": "rademacher"},
    "wild_trust": {"formula": PLAIN, "estimator": "wild_bootstrap", "cluster": "trust", "weights": "webb"},
    "signs": {"formula": "y_6m ~ arm + y_0m", "estimator": "sign_changes", "cluster": "trust"},
    "signs_90": {"formula": "y_6m ~ arm + y_0m", "estimator": "sign_changes", "cluster": "trust", "level": 0.9},
    "by_team": IN_C | {"contrasts": BY_IN_C},
    "by_team_drop": IN_C | {"formula": FLAT.replace("arm +", "arm * in_c +"), "contrasts": BY_IN_C, "boundary": "drop"},
    "by_gender": {"formula": "y_6m ~ arm * gender + center(y_0m) + age + (1 | trust:team)", "contrasts": BY_GENDER},
    "by_age": {
        "formula": "y_6m ~ arm * center(age) + y_0m + gender + (1 | trust:team)",
        "contrasts": (ContrastSpec("moderator", moderator="age", at=(30.0, 60.0)), ContrastSpec("difference")),
    },
    "by_age_plain": {
        "formula": "y_6m ~ arm * age + y_0m + (1 | trust:team)",
        "contrasts": (ContrastSpec("moderator", moderator="age", at=(30.0, 60.0)), ContrastSpec("joint", ("arm:age",))),
    },
    "by_age_once": {
        "formula": "y_6m ~ arm * age + arm:gender + gender + y_0m + (1 | trust:team)",
        "contrasts": (ContrastSpec("moderator", moderator="age", at=(45.0,)),),
    },
    "by_gender_over_time": {
        "formula": "y ~ arm * wave * gender + age + (1 | trust:team) + (1 | participant_id)",
        "effect": "arm:wave",
        "contrasts": (ContrastSpec("moderator", moderator="gender"),),
    },
    "by_gender_satterthwaite": {
        "formula": "y_6m ~ arm * gender + y_0m + (1 | trust:team)",
        "contrasts": BY_GENDER,
        "df_method": "satterthwaite",
    },
    "by_gender_between_within": {
        "formula": "y_6m ~ arm * gender + y_0m + (1 | trust:team)",
        "contrasts": BY_GENDER,
        "df_method": "between-within",
    },
    "by_gender_z": {
        "formula": "y_6m ~ arm * gender + y_0m + (1 | trust:team)",
        "contrasts": BY_GENDER,
        "df_method": "z",
    },
    "by_gender_cr2": {
        "formula": "y_6m ~ arm * gender + y_0m",
        "contrasts": BY_GENDER,
        "estimator": "ols_cr2",
        "cluster": "team",
    },
    "gee": BINARY,
    "gee_independence": BINARY | {"correlation": "independence"},
    "gee_fay_graubard": BINARY | {"correlation": "independence", "correction": "fay-graubard"},
    "gee_morel": BINARY | {"correlation": "independence", "correction": "morel-bokossa-neerchal"},
    "jackknife_team": {"formula": PLAIN, "estimator": "ols_jackknife", "cluster": "team", "df_method": "satterthwaite"},
    "jackknife_trust_rare": {
        "estimator": "ols_jackknife",
        "cluster": "trust",
        "df_method": "satterthwaite",
        "formula": "y_6m ~ arm + y_0m + trust",
    },
    "jackknife_cv3": {"formula": PLAIN, "estimator": "ols_jackknife", "cluster": "team", "df_method": "clusters-1"},
    "gee_kauermann_carroll": BINARY | {"correlation": "independence", "correction": "kauermann-carroll"},
    "gee_satterthwaite": BINARY
    | {"correlation": "independence", "correction": "kauermann-carroll", "df_method": "satterthwaite"},
    "gee_rate": COUNT
    | {
        **{name: BINARY[name] for name in ("estimator", "cluster", "link")},
        "formula": "k_6m ~ arm + age + gender",
        "exposure": "t_6m",
        "correlation": "independence",
        "correction": "kauermann-carroll",
        "df_method": "satterthwaite",
    },
    "gee_by_arm": BINARY | {"correlation": "independence", "correction": "mancl-derouen", "df_method": "satterthwaite"},
    "gee_rate_by_arm": COUNT
    | {
        **{name: BINARY[name] for name in ("estimator", "cluster", "link")},
        "formula": "k_6m ~ arm + age + gender",
        "exposure": "t_6m",
        "correlation": "independence",
        "correction": "mancl-derouen",
        "df_method": "satterthwaite",
    },
    "glmm": ODDS,
    "glmm_z": ODDS | {"df_method": "z"},
    "glmm_quadrature": ODDS | {"formula": "b_6m ~ arm + age + gender + (1 | trust:team)", "quadrature": 15},
    "glmm_trusts_fixed": ODDS
    | {
        "formula": "b_6m ~ arm + gender + trust + (1 | trust:team)",
        "condition": 'trust not in ["C"]',
        "population": "some",
    },
    "glmm_ordinal": ORDERED,
    "glmm_poisson": COUNT,
    "glmm_rate": COUNT | {"exposure": "t_6m"},
    "glmm_negative_binomial": COUNT | {"family": "negative_binomial", "exposure": "t_6m"},
    "glmm_by_gender": ODDS
    | {
        "formula": f"b_6m ~ arm * gender + age + {LEVELS}",
        "contrasts": (ContrastSpec("moderator", moderator="gender"), ContrastSpec("joint", ("arm", "arm:gender"))),
    },
    "glmm_ordinal_by_age": ORDERED
    | {
        "formula": f"o_6m ~ arm * age + {LEVELS}",
        "contrasts": (ContrastSpec("moderator", moderator="age", at=(30.0, 60.0)),),
    },
    "rates": RATES,
    "rates_exposure": RATES | {"exposure": "t_6m"},
    "rates_paired": RATES | {"exposure": "t_6m", "pairs": True},
    "rates_trust": RATES | {"exposure": "t_6m", "formula": "k_6m ~ arm + age + trust"},
    "glmm_bounded": COUNT
    | {"outcome": "s", "followup": "s_6m", "outcome_type": "bounded_count", "family": "beta_binomial"}
    | {"low": 1.0, "high": 21.0, "formula": f"s_6m ~ arm + age + {LEVELS}"},
    "by_design": BY_DESIGN | {"formula": "b_6m ~ arm + age + gender"},
    "gee_identity": BINARY | {"link": "identity", "correlation": "independence", "cluster": "trust"},
}

CATEGORIES = {"arm": ["c", "i"], "gender": ["f", "m"], "trust": list("ABCDE"), "team": ["North", "South"]}
VARIABLES = Variables(
    levels={**{name: tuple(codes) for name, codes in CATEGORIES.items()}, "wave": ("0m", "6m")},
    repeated=frozenset({"y", "z"}),
    joined=frozenset({"b_6m", "k_6m", "o_6m", "s_6m", "y_0m", "y_6m", "z_0m", "z_6m"}),
)


def case_spec(name: str) -> AnalysisSpec:
    """The specification of a case."""
    case = CASES[name]
    return spec(**case | {"model": name, "name": f"{case.get('outcome', 'y')}.{name}"})


def stored_data() -> AnalysisData:
    """The study as the R code reads it."""
    frames = {}
    for name in ("participants", "measurements"):
        frame = pd.read_csv(FOLDER / "processed" / f"{name}.csv")
        for column, codes in CATEGORIES.items():
            frame[column] = pd.Categorical(frame[column], categories=codes)
        frames[name] = frame
    talks = frames["measurements"]
    talks["wave"] = pd.Categorical(talks["wave"], categories=["0m", "6m"], ordered=True)
    return AnalysisData(frames["participants"], talks)
