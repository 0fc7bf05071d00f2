"""The chapters of the report, in its order: the only place that names them all.

Parts are named and not imported, so that a step that needs the tables of every chapter depends on no figure. A new
table or figure is a function (Material) -> tables or orders in its chapter's folder, and its name here; a new section
is a function (Page) -> blocks, likewise.
"""

from __future__ import annotations

from cpis_analysis.chapters.chapter import Chapter

__all__ = ["CHAPTERS"]

CHAPTERS = (
    Chapter("key-findings", "Key findings", section=".findings.section:key_findings_section"),
    Chapter("background", "Background", section=".authors.section:background"),
    Chapter("intervention", "The intervention", section=".authors.section:intervention"),
    Chapter("conduct", "How the study was done", section=".authors.section:conduct"),
    Chapter(
        "participants", "Participants and flow", section=".flow.section:participants", figures=(".flow.figure:figures",)
    ),
    Chapter("design", "Design and clusters", section=".design.section:design", tables=(".design.table:tables",)),
    Chapter(
        "baseline",
        "Baseline characteristics",
        section=".people.section:baseline",
        tables=(".people.table_baseline:tables",),
    ),
    Chapter(
        "retention",
        "Followed up and lost",
        section=".people.section:retention",
        tables=(".people.table_retention:tables",),
    ),
    Chapter(
        "outcomes",
        "Outcomes",
        section=".outcomes.section:outcomes",
        tables=(".outcomes.table:tables",),
        figures=(
            ".outcomes.figure_forest:figures",
            ".outcomes.figure_risks:figures",
            ".outcomes.figure_teams:figures",
            ".outcomes.figure_trajectories:figures",
            ".outcomes.figure_spread:figures",
        ),
    ),
    Chapter(
        "robustness",
        "Robustness",
        section=".robustness.section:robustness",
        tables=(".two_methods.table:tables", ".robustness.table:tables", ".tipping.table:tables"),
        figures=(".robustness.figure:figures", ".tipping.figure:figures"),
    ),
    Chapter(
        "subgroups",
        "Subgroups and moderators",
        section=".moderators.section:subgroups",
        tables=(".moderators.table:tables",),
        figures=(".moderators.figure:figures",),
    ),
    Chapter("models", "Model details", section=".models.section:models", tables=(".models.table:tables",)),
    Chapter("missing-data", "Missing data", section=".people.section:missing", figures=(".people.figure:figures",)),
    Chapter(
        "experience",
        "Experience",
        section=".experience.section:experience",
        tables=(".experience.table:tables",),
        figures=(".experience.figure:figures",),
    ),
    Chapter(
        "focus-groups",
        "Focus groups",
        section=".experience.section:focus_groups",
        tables=(".experience.table_themes:tables",),
    ),
    Chapter("interpretation", "Interpretation", section=".authors.section:interpretation"),
    Chapter("diagnostics", "Diagnostics", section=".models.section:diagnostics", figures=(".models.figure:figures",)),
    Chapter("measures", "Measures and scoring", section=".cleaning.section:measures"),
    Chapter("cleaning", "Data cleaning", section=".cleaning.section:cleaning", tables=(".cleaning.table:tables",)),
    Chapter("further", "Further results", section=".process.section:further"),
    Chapter("methods", "Methods", section=".process.section:methods"),
    Chapter("deviations", "Deviations from the locked plan", section=".process.section:deviations"),
    Chapter("limitations", "Limitations", section=".process.section:limitations"),
    Chapter("provenance", "How this report was made", section=".process.section:provenance"),
    Chapter("declarations", "Funding, registration and ethics", section=".authors.section:declarations"),
    Chapter("checklists", "Reporting checklists", section=".process.checklist:checklists"),
)
