"""`cpis explain`: what an analysis means, and the same analysis in other programs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cpis_analysis.commands.shared_options import AnalysisArgument, JsonOption, PlanOption, chosen, open_checked_plan
from cpis_analysis.commands.terminal import Terminal, cluster_heads
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.naming import plural

if TYPE_CHECKING:
    from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
    from cpis_analysis.plan.reading.load import Plan
    from cpis_analysis.plan.schema_design import Design
    from cpis_analysis.plan.specification import AnalysisSpec
    from cpis_analysis.translate.explain import Explanation


class Code(StrEnum):
    """Programs whose code is shown."""

    all = "all"
    r = "r"
    sas = "sas"
    stata = "stata"
    none = "none"


_TITLES = {"r": "R (lme4, lmerTest, pbkrtest)", "sas": "SAS", "stata": "Stata"}


def explain(
    analysis: AnalysisArgument = None,
    code: Annotated[Code, typer.Option(help="Whose code is shown.")] = Code.all,
    latex: Annotated[bool, typer.Option("--latex", help="The equation in LaTeX.")] = False,
    plan: PlanOption = Path("config.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Explain an analysis: words, equation, code for R, SAS and Stata, rows (and clusters) by arm.

    Without a name: one line for each analysis of the plan.
    """
    from cpis_analysis.runs.stored_levels import cluster_levels
    from cpis_analysis.study.factors import explained_variables
    from cpis_analysis.translate.explain import explain as explain_analysis

    (loaded, dictionary), terminal = open_checked_plan(plan), Terminal(as_json)
    variables = explained_variables(loaded.content, dictionary)
    specs = loaded.specifications() if analysis is None else chosen(loaded, analysis)
    explained = [explain_analysis(spec, loaded.content, variables) for spec in specs]
    if analysis is None:
        terminal.table(["analysis", "what"], [[item.analysis, item.summary] for item in explained], left=2, indent=0)
        terminal.line()
        terminal.line("More: cpis explain ANALYSIS")
        terminal.json(
            [{"analysis": item.analysis, "summary": item.summary, "formula": item.formula} for item in explained]
        )
        return
    records = []
    for spec, item in zip(specs, explained, strict=True):
        rows, source = _rows(loaded, spec)
        _show(terminal, spec, item, code, latex)
        if rows is None:
            terminal.heading(_counted(loaded.content.design))
            terminal.line(f"  {source}")
        else:
            _show_groups(terminal, spec, rows, source, loaded.content.design)
        named = rows and cluster_levels(rows.groups(spec), spec.levels)
        records.append(_record(item) | {"df_method": spec.df_method, "boundary": spec.boundary, "groups": named})
    terminal.json(records[0] if len(records) == 1 else records)


def _record(item: Explanation) -> dict[str, Any]:
    return {
        name: getattr(item, name)
        for name in ("analysis", "formula", "summary", "words", "equation", "latex", "r", "sas", "stata")
    }


def _show(terminal: Terminal, spec: AnalysisSpec, item: Explanation, code: Code, latex: bool) -> None:
    terminal.heading(item.analysis)
    terminal.line(f"  {item.formula}")
    terminal.line()
    for sentence in item.words:
        terminal.paragraph(sentence)
    terminal.heading("Equation")
    terminal.block("\n".join(item.latex if latex else item.equation))
    for name, title in _TITLES.items():
        if code in (Code.all, Code(name)):
            terminal.heading(title)
            terminal.block(getattr(item, name))


def _counted(design: Design) -> str:
    heads = cluster_heads(design)
    return f"{listed(['Rows', *heads])} by arm"


def _show_groups(terminal: Terminal, spec: AnalysisSpec, analysed: AnalysisRows, source: str, design: Design) -> None:
    by_arm = sorted(analysed.by_arm(spec), key=lambda row: (row["arm"] != spec.reference, row["arm"]))
    heads = cluster_heads(design)
    terminal.heading(f"{_counted(design)} ({source})")
    rows = [[row["arm"], *analysed.clusters(spec, row["arm"]), row["n_participants"], row["n_obs"]] for row in by_arm]
    terminal.table(["arm", *heads, plural(design.people.noun), "rows"], rows)


def _rows(plan: Plan, spec: AnalysisSpec) -> tuple[AnalysisRows | None, str]:
    """What is analysed, from the data: results hold no counts by cluster."""
    from cpis_analysis.runs.processed import data_is_there, read_analysis_data

    if not data_is_there(plan.root):
        return None, "To be known after cleaning: cpis run results/design_audit.json"
    from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
    from cpis_analysis.errors import CpisError

    try:
        return analysis_rows(spec, read_analysis_data(plan.root)), "from the cleaned data"
    except CpisError as error:
        return None, error.text
