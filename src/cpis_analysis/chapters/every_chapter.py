"""The chapters of the report, in its order: the only place that names them all.

Parts are named and not imported, so that a step that needs the tables of every chapter depends on no figure.
"""

from __future__ import annotations

from cpis_analysis.chapters.chapter import Chapter

__all__ = ["CHAPTERS"]

CHAPTERS = (
    Chapter("key-findings", "Key findings"),
    Chapter("participants", "Participants and flow", figures=(".flow.figure:figures",)),
    Chapter("design", "Design and clusters", tables=(".design.table:tables",)),
    Chapter("baseline", "Baseline characteristics", tables=(".people.table_baseline:tables",)),
    Chapter("retention", "Followed up and lost", tables=(".people.table_retention:tables",)),
    Chapter(
        "outcomes",
        "Outcomes",
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
        tables=(".two_methods.table:tables", ".robustness.table:tables", ".tipping.table:tables"),
        figures=(".robustness.figure:figures", ".tipping.figure:figures"),
    ),
    Chapter(
        "subgroups",
        "Subgroups and moderators",
        tables=(".moderators.table:tables",),
        figures=(".moderators.figure:figures",),
    ),
    Chapter("models", "Model details", tables=(".models.table:tables",)),
    Chapter("missing-data", "Missing data", figures=(".people.figure:figures",)),
    Chapter("experience", "Experience", tables=(".experience.table:tables",), figures=(".experience.figure:figures",)),
    Chapter("focus-groups", "Focus groups", tables=(".experience.table_themes:tables",)),
    Chapter("diagnostics", "Diagnostics", figures=(".models.figure:figures",)),
    Chapter("measures", "Measures and scoring"),
    Chapter("cleaning", "Data cleaning", tables=(".cleaning.table:tables",)),
    Chapter("further", "Further results"),
    Chapter("methods", "Methods"),
    Chapter("deviations", "Deviations from the locked plan"),
    Chapter("limitations", "Limitations"),
    Chapter("provenance", "How this report was made"),
    Chapter("checklists", "Reporting checklists"),
)
