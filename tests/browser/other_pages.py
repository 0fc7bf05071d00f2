"""Pages beside the findings: annex, summary, codebook, what moved between two runs, table shells."""

from __future__ import annotations

from pathlib import Path

from cpis_analysis.intake.codebook import describe_variables
from cpis_analysis.plan.schema import Study
from cpis_analysis.report.build import build_pages
from cpis_analysis.report.codebook_page import codebook_page
from cpis_analysis.report.comparison_page import comparison_page
from cpis_analysis.report.shells import shells_document, shells_page
from cpis_analysis.report.summary import summary_document, summary_page
from cpis_analysis.runs.compare import compare_runs
from cpis_analysis.runs.record import Run
from cpis_analysis.study.checks.plan_check import load_and_check
from intake_study import clean_study, plan_parts, study_dictionary

ROOT = Path(__file__).parents[2]
PLAN = {
    "study": {"seed": 1, "name": "S"},
    "data": {"dictionary": "d.csv"},
    "outcomes": {f"y{place}": {"label": f"Outcome {place}", "models": ["ancova"]} for place in range(4)},
    "models": {"ancova": {"formula": "{outcome}_6m ~ arm", "label": "ANCOVA"}},
    "scoring": {},
    "report": {"title": "T"},
}


def write_pages(folder: Path, content) -> dict[str, Path]:
    """Every page by name, as a file."""
    pages = build_pages(content) | {
        "summary": summary_page(summary_document(content)),
        "codebook": _codebook(folder),
        "diff": _comparison(),
        "shells": shells_page(shells_document(*load_and_check(ROOT / "config.yaml", data=False))),
    }
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8", newline="\n")
    return {name: folder / f"{name}.html" for name in pages}


def _codebook(folder: Path) -> str:
    result = clean_study(folder)
    described = describe_variables(
        result.participants, result.interviews, result.audit, study_dictionary(folder), plan_parts()[1]
    )
    study = Study(name="Study", short_name="S", synthetic=True, randomised=False, notice="SYNTHETIC")
    return codebook_page(described, study, plan_parts()[1], 5)


def _comparison() -> str:
    def run(name: str, shift: float) -> Run:
        rows, specs = {}, {}
        for place in range(4):
            analysis = f"y{place}.ancova"
            number = {
                "estimate": shift,
                "se": 0.5,
                "df": 8.0,
                "p_value": 0.3,
                "ci_low": shift - 1,
                "ci_high": shift + 1,
            }
            counts = {"n_obs": 100.0, "n_participants": 100.0, "n_teams": 10.0, "n_trusts": 5.0, "p_adjusted": None}
            rows[analysis, "i - c"] = {"analysis": analysis, "contrast": "i - c"} | number | counts
            specs[analysis] = {
                "name": analysis,
                "outcome": f"y{place}",
                "model": "ancova",
                "population": "available",
                "formula": f"y{place} ~ arm",
            }
        manifest = {"inputs": {"data/raw/a.csv": name}, "versions": {"numpy": "2.0"}}
        return Run(name, name, rows, manifest, PLAN, None, specs)

    return comparison_page(compare_runs(run("before", 0.4), run("after", 1.4)))
