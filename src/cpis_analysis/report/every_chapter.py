"""The chapters of the report, in its order: the only place that names them all.

The findings come first, question by question; the annex holds what stands behind them and is a document of its own.
Parts are named and not imported, so that a step that needs the tables of every chapter depends on no figure. A new
table or figure is a function (Material) -> tables or orders in its chapter's folder, and its name here; a new section
is a function (Page) -> blocks, likewise. A chart of marks needs neither: its section yields it.
"""

from __future__ import annotations

from cpis_analysis.chapters.chapter import ANNEX, Chapter

_FINDINGS = (
    Chapter("key-findings", "In short", section=".findings.section:key_findings_section", first=True),
    Chapter("implementation", "Was it implemented?", section=".implementation.section:implementation"),
    Chapter(
        "outcomes",
        "Was there a difference?",
        section=".outcomes.section:outcomes",
        tables=(".outcomes.table:tables", ".outcomes.table_arms:tables", ".answers.table:tables"),
        figures=(".outcomes.figure_forest:figures",),
    ),
    Chapter(
        "experience",
        "What did {people} say?",
        section=".experience.section:experience",
        tables=(".experience.table:tables",),
        figures=(".experience.figure:figures",),
    ),
    Chapter(
        "focus-groups",
        "What stood in the way?",
        section=".practitioners.section:focus_groups",
        tables=(".practitioners.table:tables",),
    ),
    Chapter("robustness", "How sure is this?", section=".robustness.section:robustness"),
    Chapter("subgroups", "Did the difference depend on anything?", section=".moderators.section:subgroups"),
    Chapter("interpretation", "Interpretation", section=".authors.section:interpretation"),
    Chapter("background", "Background", section=".authors.section:background"),
    Chapter("intervention", "The intervention", section=".authors.section:intervention"),
    Chapter("conduct", "How the study was done", section=".authors.section:conduct"),
    Chapter("participants", "Who took part", section=".flow.section:participants", figures=(".flow.figure:figures",)),
    Chapter(
        "baseline",
        "Baseline characteristics",
        section=".people.section:baseline",
        without_baseline="Characteristics of {people}",
        tables=(".people.table_baseline:tables",),
    ),
    Chapter(
        "missing-data",
        "Who was lost, and what is missing",
        section=".people.section:missing",
        without_baseline="What is missing",
    ),
    Chapter("measures", "Measures", section=".cleaning.section:measures", tables=(".measures.table:tables",)),
    Chapter("methods", "Methods", section=".process.section:methods"),
    Chapter("limitations", "Limitations", section=".process.section:limitations"),
    Chapter("declarations", "Funding, registration and ethics", section=".authors.section:declarations"),
)
_ANNEX = (
    Chapter(
        "design",
        "Design and clusters",
        section=".design.section:design",
        without_clusters="Design",
        tables=(".design.table:tables",),
    ),
    Chapter("characteristics", "Characteristics in full", section=".people.section:characteristics"),
    Chapter(
        "retention",
        "Followed up and lost",
        section=".people.section:retention",
        without_baseline="Missing values",
        tables=(".people.table_retention:tables",),
        figures=(".people.figure:figures",),
    ),
    Chapter(
        "every-outcome",
        "Every outcome",
        section=".outcomes.section_each:every_outcome",
        tables=(".outcomes.table_models:tables",),
        figures=(
            ".outcomes.figure_risks:figures",
            ".answers.figure:figures",
            ".outcomes.figure_teams:figures",
            ".outcomes.figure_trajectories:figures",
            ".outcomes.figure_waves:figures",
            ".outcomes.figure_spread:figures",
            ".outcomes.figure_survival:figures",
        ),
    ),
    Chapter(
        "confounding",
        "Confounding",
        section=".confounding.section:confounding",
        tables=(".confounding.table:tables",),
    ),
    Chapter(
        "every-analysis",
        "Every analysis",
        section=".every_analysis.section:every_analysis",
        tables=(
            ".two_methods.table:tables",
            ".robustness.panel_table:tables",
            ".robustness.influence_table:tables",
            ".robustness.table:tables",
        ),
    ),
    Chapter(
        "error-rates",
        "How often this would go wrong",
        section=".error_rates.section:error_rates",
        tables=(".error_rates.table:tables",),
    ),
    Chapter(
        "tipping",
        "Tipping points",
        section=".tipping.section:tipping",
        tables=(".tipping.table:tables",),
        figures=(".tipping.figure:figures",),
    ),
    Chapter(
        "moderators",
        "Moderators",
        section=".moderators.section:moderators",
        tables=(".moderators.table:tables",),
        figures=(".moderators.figure:figures",),
    ),
    Chapter("models", "Model details", section=".models.section:models", tables=(".models.table:tables",)),
    Chapter(
        "imputation",
        "Missing values imputed",
        section=".imputation.section:imputed_analyses",
        tables=(".imputation.table:tables",),
    ),
    Chapter("diagnostics", "Diagnostics", section=".models.section:diagnostics", figures=(".models.figure:figures",)),
    Chapter("cleaning", "Data cleaning", section=".cleaning.section:cleaning", tables=(".cleaning.table:tables",)),
    Chapter("further", "Further results", section=".process.section:further"),
    Chapter("deviations", "Deviations from the locked plan", section=".process.section:deviations"),
    Chapter("provenance", "How this report was made", section=".process.section:provenance"),
    Chapter("checklists", "Reporting checklists", section=".process.checklist:checklists"),
)
CHAPTERS = (*_FINDINGS, *(Chapter(**(vars(one) | {"document": ANNEX})) for one in _ANNEX))
