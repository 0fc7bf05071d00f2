"""What the files of a run are, in words: those in `results` that are fit to be shared."""

from __future__ import annotations

from cpis_analysis.publish.forms.forms import FORMS

PRINTED = {"findings": "Findings report", "annex": "Annex of the findings report", "summary": "Summary"}
"""Documents that are written in every form."""
DOCUMENTS = {
    **{f"report/{name}.{form.ending}": f"{words} ({form.words})" for name, words in PRINTED.items() for form in FORMS},
    "report/summary.html": "Summary (web page)",
    "report/tables.xlsx": "All tables",
    "report/numbers.json": "Source of every number in the report",
}
"""What stands beside the page of the report, by path within `results`."""
RESULTS = {
    "contrasts.json": "What each contrast compares, as codes",
    "design_audit.json": "Audit of the design",
    "disclosure_log.csv": "Log of disclosure control",
    "error_rates.csv": "How often the analyses of the primary outcome go wrong on this design, simulated",
    "estimates.csv": "Every estimate with full precision",
    "flow.json": "Flow of participants",
    "report/annex.html": "Annex of the findings report (web page)",
    "report/findings.html": "Findings report (web page)",
    "summaries.json": "Descriptive summaries after disclosure control",
    "tipping.csv": "Estimates under shifts of missing outcomes, and where the conclusion changes",
    **DOCUMENTS,
}
"""Every file that a run writes there whatever the plan, but for the manifest and what an index lists."""
