"""A small made-up study for the tests of summaries, tables and figures."""

import math

import numpy as np
import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.analyses.refusal import not_estimable
from cpis_analysis.analyses.rows.coefficients import Part
from cpis_analysis.errors import DataError, ModelError, Problem
from cpis_analysis.plan.contrast import Contrast
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.words.labels import Labels

HOSTILE = '<script>alert("x")</script> $x_1^2$ & \\alpha -->'

LABELS = {
    "age": "Age, years",
    "gender": "Gender",
    "lives_alone": "Lives alone",
    "arm": "Arm",
    "trust": "Trust",
    "team": "Team",
    "trained": "Organised training",
    "fidelity": "Fidelity",
    "support": "Received support",
    "change": "Change in confidence",
    "theme": "Theme",
    "loss_reason": "Reason for loss",
}
CHOICES = {
    "arm": {"comparison": "Comparison", "implementation": "Implementation"},
    "gender": {"female": "Female", "male": "Male", "other": "Other"},
    "lives_alone": {"yes": "Yes", "no": "No"},
    "trained": {"yes": "Yes", "no": "No"},
    "support": {"yes": "Yes", "no": "No"},
    "change": {"better": "Better", "same": "Same", "worse": "Worse"},
    "trust": {code: code for code in "ABC"},
    "loss_reason": {"withdrew": "Withdrew", "moved": "Moved away"},
}
PLAN = {
    "version": 2,
    "study": {"name": "Made-up", "short_name": "MU", "synthetic": True, "randomised": False},
    "data": {"dictionary": "d.csv", "sources": {"p": {"file": "p.csv", "holds": "participants"}}},
    "design": {
        "participant": "participant_id",
        "arm": {"variable": "arm", "reference": "comparison"},
        "levels": [{"variable": "trust"}, {"variable": "team"}],
        "characteristics": ["age", "gender", "lives_alone"],
        "team_characteristics": ["trained", "fidelity"],
        "waves": [{"name": "0m", "label": "Baseline", "months": 0}, {"name": "6m", "label": "Six months", "months": 6}],
    },
    "outcomes": {
        "rguk": {
            "label": "Social capital (RG-UK)",
            "short_label": "RG-UK",
            "role": "primary",
            "low": 0,
            "high": 27,
            "minimal_important_difference": 2,
            "models": ["ancova", "change"],
        },
        "gas": {"label": "Goal attainment", "role": "secondary", "models": ["post"]},
    },
    "models": {
        "ancova": {"label": "ANCOVA", "formula": "{outcome}_6m ~ arm + {outcome}_0m + (1 | trust) + (1 | trust:team)"},
        "change": {"label": "Change score", "formula": "{outcome}_change ~ arm + (1 | trust)"},
        "post": {"label": "Follow-up only", "formula": "{outcome}_6m ~ arm + (1 | trust)"},
    },
    "report": {"title": "T", "minimum_cell": 5, "experience": ["support", "change"]},
}


class Words:
    """Stands in for the data dictionary."""

    def __init__(self, labels=LABELS, choices=CHOICES):
        self._labels, self._choices = labels, choices

    def label(self, name):
        if name not in self._labels:
            raise DataError("unknown", [])
        return self._labels[name]

    def choices(self, name):
        if name not in self._labels:
            raise DataError("unknown", [])
        return self._choices.get(name, {})


def plan(**changes):
    """The plan, with keys of the first level updated."""
    record = {
        key: {**value, **changes[key]} if isinstance(value, dict) and key in changes else value
        for key, value in PLAN.items()
    }
    return PlanFile.model_validate(record)


def labels(content=None, words=None):
    return Labels(content or plan(), words or Words())


def people(seed=1):
    """90 people in three trusts with two teams each, whose labels repeat."""
    random = np.random.default_rng(seed)
    n = 90
    frame = pd.DataFrame({"participant_id": [f"P{i:03d}" for i in range(n)]})
    frame["trust"] = pd.Categorical(np.repeat(list("ABC"), 30))
    frame["arm"] = pd.Categorical(np.tile(np.repeat(["comparison", "implementation"], 15), 3))
    frame["team"] = pd.Categorical(np.tile(np.repeat(["North", "South"], 15), 3))
    frame["has_0m"] = np.arange(n) % 18 != 0
    frame["has_6m"] = frame["has_0m"] & (np.arange(n) % 6 != 1)
    trained = (frame["trust"] == "C") & (frame["arm"] == "implementation")
    frame["trained"] = pd.Categorical(np.where(trained, "yes", "no"), categories=["yes", "no"])
    frame["fidelity"] = frame["trust"].map({"A": 30.0, "B": 40.5, "C": 70.0}).astype(float)
    frame["age"] = np.where(frame["has_0m"], random.normal(43, 12, n).round(), np.nan)
    frame["gender"] = _codes(random, ["female", "male", "other"], [0.58, 0.39, 0.03], frame["has_0m"])
    frame["lives_alone"] = _codes(random, ["yes", "no"], [0.5, 0.5], frame["has_0m"] & (np.arange(n) % 29 != 3))
    before = random.normal(13, 6, n).clip(0, 27).round()
    frame["rguk_0m"] = np.where(frame["has_0m"], before, np.nan)
    frame["rguk_6m"] = np.where(frame["has_6m"], (before + random.normal(0.5, 4, n)).round(), np.nan)
    frame["rguk_change"] = frame["rguk_6m"] - frame["rguk_0m"]
    frame["gas_6m"] = np.where(frame["has_6m"], random.normal(50, 10, n), np.nan)
    frame["support_6m"] = _codes(random, ["yes", "no"], [0.5, 0.5], frame["has_6m"])
    frame["change_6m"] = _codes(random, ["better", "same", "worse"], [0.6, 0.33, 0.07], frame["has_6m"])
    return frame


def _codes(random, codes, shares, held):
    values = pd.Series(random.choice(codes, len(held), p=shares), dtype=object)
    values[~held.to_numpy()] = None
    return pd.Categorical(values, categories=codes)


def results(content=None):
    """One made-up result for each analysis of the plan."""
    found = []
    for index, spec in enumerate(Plan(content or plan(), None, None).specifications()):
        estimate, se, df = 0.25 + index, 1.5, 4.0 if index else 7.26
        low, high = estimate - 3.5, estimate + 3.5
        made = Estimate(
            spec.name,
            spec.outcome,
            spec.model,
            spec.population,
            Contrast("difference", "implementation", "comparison"),
            estimate,
            se,
            df,
            "kenward-roger",
            estimate / se,
            0.25 / (index + 1),
            low,
            high,
            70,
            70,
            6,
            3,
            0.0125,
            0.034,
            index == 1,
            True,
            -402.345,
            ("The variance between teams was estimated as zero.",) if index == 1 else (),
        )
        quantiles = [-2.0, -1.0, 0.0, 1.0, 2.0]
        found.append(
            AnalysisResult(
                spec,
                made,
                {"estimate": estimate / 6, "ci_low": low / 6, "ci_high": high / 6, "sd": 6.0, "sd_source": "baseline"},
                [
                    {
                        "term": term,
                        "estimate": 0.25,
                        "std_error": 1.5,
                        "df": df,
                        "statistic": 0.17,
                        "p_value": 0.0004,
                        "ci_low": -3.25,
                        "ci_high": 3.75,
                    }
                    for term in ("(Intercept)", "arm[implementation]", "gender[male]")
                ],
                [
                    {"group": "trust", "name": "(Intercept)", "variance": 0.5, "std_dev": math.sqrt(0.5)},
                    {"group": "trust:team", "name": "(Intercept)", "variance": 0.0, "std_dev": 0.0},
                    {"group": "Residual", "name": "Residual", "variance": 20.0, "std_dev": math.sqrt(20)},
                ],
                [],
                [],
                {
                    "residual_quantiles": {
                        "probability": [0.02, 0.16, 0.5, 0.84, 0.98],
                        "theoretical": quantiles,
                        "observed": [-2.9, -1.0, 0.0, 1.0, 2.0],
                        "low": [-2.4, -1.2, -0.2, 0.8, 1.6],
                        "high": [-1.6, -0.8, 0.2, 1.2, 2.4],
                    },
                    "residual_by_fitted": [
                        {"fitted_mid": m, "n": 15, "q10": -1.2, "q50": 0.1, "q90": 1.2} for m in (8, 12)
                    ],
                    "random_effects": [{"group": "trust", "label": code, "mode": 0.2, "se": 0.4} for code in "ABC"]
                    + [{"group": "participant_id", "label": "P001", "mode": 9.0, "se": 0.1}],
                },
                ("The fit converged.",),
                parts={
                    "(Intercept)": (),
                    "arm[implementation]": (Part("arm", "implementation"),),
                    "gender[male]": (Part("gender", "male"),),
                },
            )
        )
    return found


def estimates(found):
    """As results/estimates.csv: the secondary outcome has a family."""
    return pd.DataFrame(
        [
            {
                "analysis": r.spec.name,
                "p_adjusted": 0.5 if r.spec.outcome == "gas" else math.nan,
                "adjustment": "holm" if r.spec.outcome == "gas" else None,
                "family": "secondary" if r.spec.outcome == "gas" else None,
            }
            for r in found
        ]
    )


def flow(frame):
    """As results/flow.json."""
    by_arm, losses = {}, []
    for arm, part in frame.groupby("arm", observed=True):
        followed = int(part["has_6m"].sum())
        by_arm[arm] = {
            "recruited": len(part),
            "baseline": int(part["has_0m"].sum()),
            "followup": followed,
            "analysed": followed - 1,
        }
        gone = by_arm[arm]["baseline"] - followed
        losses += [
            {
                "stage": "before_baseline",
                "arm": arm,
                "team": "A / North",
                "reason": "moved",
                "n": by_arm[arm]["recruited"] - by_arm[arm]["baseline"],
            },
            {"stage": "after_baseline", "arm": arm, "team": "A / North", "reason": "withdrew", "n": gone - 1},
            {"stage": "after_baseline", "arm": arm, "team": "B / North", "reason": "moved", "n": 1},
        ]
    overall = {stage: sum(part[stage] for part in by_arm.values()) for stage in by_arm["comparison"]}
    return {"overall": overall, "by_arm": by_arm, "by_team": {}, "losses": losses}


def refused(result, reason="gender = other can't be told apart"):
    """The same analysis, had its estimator refused it."""
    spec = result.spec
    other = result.estimate.contrast.arm
    data = AnalysisData(pd.DataFrame({spec.arm: [spec.reference, other]}), pd.DataFrame())
    return not_estimable(spec, data, ModelError("No result.", [Problem(reason, hint="leave it out")]))
