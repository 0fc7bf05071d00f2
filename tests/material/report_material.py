"""Made-up studies and results for the tests of narrative and report."""

from __future__ import annotations

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.plan.contrast import Contrast
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.report.build import build_pages
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.wording import Wording


class Words:
    """A dictionary of two mappings."""

    def __init__(self, labels, choices):
        self._labels, self._choices = labels, choices

    def label(self, name):
        return self._labels[name]

    def choices(self, name):
        return self._choices[name]


def team_plan(**changes) -> PlanFile:
    """Teams in trusts, not randomised, scores of instruments."""
    plan = {
        "version": 2,
        "study": {"name": "Neighbours study", "short_name": "NS", "synthetic": True, "randomised": False},
        "data": {"dictionary": "d.csv", "sources": {"base": {"file": "b.csv", "holds": "interviews", "wave": "0m"}}},
        "design": {
            "participant": "pid",
            "arm": {"variable": "arm", "reference": "usual"},
            "levels": [{"variable": "trust"}, {"variable": "team"}],
            "waves": [
                {"name": "0m", "label": "Baseline", "months": 0},
                {"name": "6m", "label": "Six months", "months": 6},
            ],
            "characteristics": ["age"],
            "interview_date": "interviewed_on",
        },
        "scoring": {"score": {"instrument": "qpr"}, "mood": {"instrument": "wemwbs"}},
        "outcomes": {
            "score": {
                "label": "Access to help (total)",
                "role": "primary",
                "models": ["ancova", "fixed"],
                "low": 0,
                "high": 27,
            },
            "mood": {
                "label": "Mood (M-10)",
                "role": "secondary",
                "models": ["ancova"],
                "low": 0,
                "high": 60,
                "minimal_important_difference": 4,
            },
        },
        "models": {
            "ancova": {"label": "ANCOVA", "formula": "{outcome}_6m ~ arm + {outcome}_0m + age + (1 | trust:team)"},
            "fixed": {"label": "Trust fixed", "formula": "{outcome}_6m ~ arm + trust + (1 | trust:team)"},
        },
        "families": {"secondary": {"outcomes": ["mood"]}},
        "report": {"title": "Findings"},
    }
    for key, value in changes.items():
        plan[key] = {**plan[key], **value}
    return PlanFile.model_validate(plan)


def clinic_plan() -> PlanFile:
    """People randomised within clinics: no teams, no dates, no log, no instruments, other words."""
    return PlanFile.model_validate(
        {
            "version": 2,
            "study": {"name": "Gum trial", "short_name": "GT", "synthetic": False, "randomised": True},
            "data": {"dictionary": "d.csv", "sources": {"all": {"file": "all.csv", "holds": "wide"}}},
            "design": {
                "participant": "pid",
                "arm": {"variable": "group", "reference": "C"},
                "levels": [{"variable": "clinic"}],
                "waves": [
                    {"name": "bl", "label": "Baseline", "months": 0},
                    {"name": "v5", "label": "Visit 5", "months": 4},
                ],
            },
            "outcomes": {
                "pd": {
                    "label": "Pocket depth (mm)",
                    "role": "primary",
                    "higher_is": "worse",
                    "low": 0,
                    "high": 8,
                    "models": ["ancova"],
                }
            },
            "models": {"ancova": {"label": "ANCOVA", "formula": "{outcome}_v5 ~ group + {outcome}_bl + (1 | clinic)"}},
            "report": {"title": "Findings"},
        }
    )


TEAM_WORDS = Words({"age": "Age (years)"}, {"arm": {"new": "New way", "usual": "Usual way"}})
CLINIC_WORDS = Words({}, {"group": {"C": "Control", "T": "Treatment"}})


def wording(plan: PlanFile | None = None, words: Words = TEAM_WORDS) -> Wording:
    return Wording(Labels(plan or team_plan(), words))


def clinic_wording() -> Wording:
    return wording(clinic_plan(), CLINIC_WORDS)


def result(
    estimate=1.2,
    low=-0.8,
    high=3.2,
    *,
    p=0.21,
    df=7.5,
    outcome="score",
    model="ancova",
    sd=6.0,
    plan=None,
    arm="new",
    converged=True,
    zero=(),
    df_method="kenward-roger",
    warnings=(),
    se=0.8,
) -> AnalysisResult:
    plan = plan or team_plan()
    design = plan.design
    first, last = (wave.name for wave in design.waves)
    formula = plan.models[model].formula.replace("{outcome}", outcome)
    spec = AnalysisSpec(
        name=f"{outcome}.{model}",
        outcome=outcome,
        model=model,
        estimator="mixed",
        rows="wide",
        formula=formula,
        effect=design.arm.variable,
        df_method=df_method,
        boundary="keep",
        cluster=None,
        pairs=False,
        population="available",
        where=(),
        level=0.95,
        arm=design.arm.variable,
        reference=design.arm.reference,
        levels=design.clusters,
        participant=design.participant,
        baseline_wave=first,
        followup_wave=last,
        baseline=f"{outcome}_{first}",
        followup=f"{outcome}_{last}",
    )
    groups = [design.trust, *([f"{design.trust}:{design.team}"] if design.team else [])]
    parts = [{"group": g, "name": "(Intercept)", "variance": 0.0 if g in zero else 1.5, "std_dev": 0.0} for g in groups]
    return AnalysisResult(
        spec=spec,
        estimate=Estimate(
            analysis=spec.name,
            outcome=outcome,
            model=model,
            population="available",
            contrast=Contrast("difference", arm, design.arm.reference),
            estimate=estimate,
            se=se,
            df=df,
            df_method=df_method,
            statistic=estimate / se,
            p_value=p,
            ci_low=low,
            ci_high=high,
            n_obs=120,
            n_participants=120,
            n_teams=10 if design.team else None,
            n_trusts=5,
            icc_trust=0.02,
            icc_team=0.05 if design.team else None,
            singular=bool(zero),
            converged=converged,
            reml_loglik=-100.0,
            warnings=warnings,
        ),
        standardised={
            "estimate": estimate / sd,
            "ci_low": low / sd,
            "ci_high": high / sd,
            "sd": sd,
            "sd_source": "baseline",
        }
        if sd
        else {},
        coefficients=[],
        variance_components=[*parts, {"group": "Residual", "name": "", "variance": 20.0, "std_dev": 4.5}],
        adjusted_means=[],
        groups=[],
    )


def team_audit() -> dict:
    cells = [
        {"trust": trust, "team": team, "arm": arm, "recruited": 16, "baseline": 15, "followup": 12 + place}
        for place, trust in enumerate("AB")
        for team, arm in (("North", "new"), ("South", "usual"))
    ]
    return {
        "regime": "A",
        "level": "team",
        "variable": "team",
        "description": "The arm was allocated by team.",
        "arms": [
            {"arm": arm, "n_trusts": 2, "n_teams": 2, "recruited": 32, "baseline": 30, "followup": 25}
            for arm in ("usual", "new")
        ],
        "cells": cells,
        "clusters_by_arm": [{"arm": "usual", "n_clusters": 2}, {"arm": "new", "n_clusters": 2}],
        "degrees_of_freedom": [
            {"approach": "between teams", "df": 2, "valid": True, "explanation": "teams less two"},
            {"approach": "between trusts", "df": None, "valid": False, "explanation": "not a property of the trust"},
        ],
        "singletons": [],
        "lost_whole": [],
        "labels_reused": ["North", "South"],
        "mixed_clusters": [],
        "warnings": ["The team labels North, South occur in more than one trust."],
    }


def clinic_audit() -> dict:
    cells = [
        {"trust": clinic, "team": None, "arm": arm, "recruited": 100, "baseline": 100, "followup": 80}
        for clinic in ("KY", "MN", "MS", "NY")
        for arm in ("C", "T")
    ]
    return {
        "regime": "individual",
        "level": "individual",
        "description": "The arm varies among the people of a clinic.",
        "arms": [
            {"arm": arm, "n_trusts": 4, "n_teams": None, "recruited": 400, "baseline": 400, "followup": 320}
            for arm in ("C", "T")
        ],
        "cells": cells,
        "clusters_by_arm": [{"arm": "C", "n_clusters": 4}, {"arm": "T", "n_clusters": 4}],
        "degrees_of_freedom": [
            {
                "approach": "people within clinics",
                "df": 635,
                "valid": True,
                "explanation": "people at follow-up, less clinics, less one",
            }
        ],
        "singletons": [],
        "lost_whole": [],
        "labels_reused": [],
        "mixed_clusters": [],
        "warnings": [],
    }


def estimates_frame(results) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "analysis": r.spec.name,
                "outcome": r.spec.outcome,
                "p_adjusted": r.estimate.p_value if r.spec.outcome == "mood" else float("nan"),
                "adjustment": "holm" if r.spec.outcome == "mood" else None,
            }
            for r in results
        ]
    )


def team_content(**changes) -> ReportContent:
    results = [
        result(),
        result(0.4, -1.5, 2.3, p=0.6, model="fixed"),
        result(2.0, -1.0, 5.0, p=0.15, outcome="mood", sd=10.0, zero=("trust",)),
    ]
    content = {
        "plan": team_plan(),
        "dictionary": TEAM_WORDS,
        "results": results,
        "estimates": estimates_frame(results),
        "design_audit": team_audit(),
        "versions": {"numpy": "2.0"},
        "inputs": {"b.csv": "ab" * 32},
        "plan_digest": "cd" * 32,
        "scoring": pd.DataFrame(
            [
                {
                    "instrument": "wemwbs",
                    "score": "mood",
                    "wave": "0m",
                    "n_rows": 60,
                    "asked": True,
                    "n_complete": 58,
                    "n_prorated": 1,
                    "n_missing": 1,
                    "verified": False,
                    "note": "missing-item rule not found",
                }
            ]
        ),
    }
    return ReportContent(**{**content, **changes})


def clinic_content() -> ReportContent:
    plan = clinic_plan()
    one = result(-0.385, -0.436, -0.335, p=1e-40, df=653.4, outcome="pd", sd=0.5, plan=plan, arm="T", se=0.026)
    return ReportContent(
        plan=plan, dictionary=CLINIC_WORDS, results=[one], estimates=estimates_frame([one]), design_audit=clinic_audit()
    )


def whole_report(content) -> str:
    """Findings and annex as one text, for tests that do not ask in which of the two something stands."""
    return "\n".join(build_pages(content).values())
