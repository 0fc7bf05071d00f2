"""A report for the browser tests: all figures and tables of the made-up study of the unit tests, with more analyses."""

from __future__ import annotations

import dataclasses

import pandas as pd

from chapter_material import CHOICES, LABELS, Words, flow, labels, people, plan, results
from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.design.table import design_table
from cpis_analysis.chapters.outcomes.table import outcomes_table
from cpis_analysis.chapters.people.table_baseline import baseline_table
from cpis_analysis.chapters.robustness.table import robustness_table
from cpis_analysis.disclosure.protect import protect_summaries
from cpis_analysis.report.figures import all_figures
from cpis_analysis.runs.locked.deviations import Deviation
from cpis_analysis.runs.locked.lock_status import LockStatus
from cpis_analysis.study.describe import summaries
from cpis_analysis.study.distribution import distribution_summaries
from cpis_analysis.translate.notation.translation import Variables
from report_material import team_audit

HOSTILE = "</script><img src=x onerror=alert(1)> & 'quotes'"


def study_plan():
    """The plan of the unit tests with five analyses of the primary outcome and a hostile label."""
    content = plan()
    record = content.model_dump(mode="json")
    record["outcomes"]["rguk"]["equivalence"] = {"low": -3, "high": 3, "source": HOSTILE}
    record["outcomes"]["rguk"]["models"] = ["ancova", "change", "fixed", "plain", "cr2"]
    record["models"] |= {
        "fixed": {"label": "Trust fixed", "formula": "{outcome}_6m ~ arm + {outcome}_0m + trust + (1 | trust:team)"},
        "plain": {"label": HOSTILE, "formula": "{outcome}_6m ~ arm + age + {outcome}_0m + (1 | trust:team)"},
        "cr2": {"label": "CR2", "formula": "{outcome}_6m ~ arm", "estimator": "ols_cr2", "cluster": "team"},
    }
    return type(content).model_validate(record)


def study_results(content) -> list[AnalysisResult]:
    """Results of the unit tests, and three more with other estimates."""
    found = results(plan())
    first = found[0]
    for place, name in enumerate(("fixed", "plain", "cr2")):
        model = content.models[name]
        spec = dataclasses.replace(
            first.spec,
            name=f"rguk.{name}",
            model=name,
            formula=model.formula.replace("{outcome}", "rguk"),
            estimator=model.estimator,
            cluster=model.cluster,
        )
        shift = 0.5 - 0.4 * place
        estimate = dataclasses.replace(
            first.estimate,
            analysis=spec.name,
            model=name,
            estimate=first.estimate.estimate + shift,
            ci_low=first.estimate.ci_low + shift - 0.1 * place,
            ci_high=first.estimate.ci_high + shift,
        )
        found.append(dataclasses.replace(first, spec=spec, estimate=estimate, diagnostics={}))
    return found


def study_content() -> ReportContent:
    """What the findings and the annex are built from."""
    content = study_plan()
    found = study_results(content)
    words = Words(LABELS, CHOICES)
    names = labels(content, words)
    frame = people()
    described = summaries(content, frame)
    described |= distribution_summaries(content, frame, {"rguk": (0, 27), "gas": (None, None)})
    shown, _ = protect_summaries(described, 5)
    estimates = collect_estimates(found, {})
    primary = [result for result in found if result.spec.outcome == "rguk"]
    tables = [
        design_table(shown["team_list"], names),
        baseline_table(shown["baseline"], shown["teams"], names),
        outcomes_table(shown["outcomes"], found, estimates, names),
        robustness_table(primary, names),
    ]
    audit = team_audit()
    for arm, code in zip(audit["arms"], ("comparison", "implementation"), strict=True):
        arm["arm"] = code
    for cell in audit["cells"]:
        cell["arm"] = "implementation" if cell["arm"] == "new" else "comparison"
    for row, code in zip(audit["clusters_by_arm"], ("comparison", "implementation"), strict=True):
        row["arm"] = code
    return ReportContent(
        plan=content,
        dictionary=words,
        results=found,
        estimates=estimates,
        design_audit=audit,
        summaries=shown,
        flow=flow(frame),
        tables={table.id: table for table in tables},
        figures={figure.id: figure for figure in all_figures(shown, found, flow(frame), names)},
        scoring=pd.DataFrame(columns=["score", "wave", "verified", "note"]),
        lock=LockStatus(
            "2026-01-01",
            "2026-01-01",
            deviations=(
                Deviation("models.ancova.formula", "changed", "y ~ x", "y ~ x + z", False, HOSTILE, "2026-01-01"),
            ),
        ),
        versions={"numpy": "2.0"},
        inputs={"b.csv": "ab" * 32},
        plan_digest="cd" * 32,
        variables=Variables({"arm": ("comparison", "implementation"), "trust": ("A", HOSTILE)}),
    )
