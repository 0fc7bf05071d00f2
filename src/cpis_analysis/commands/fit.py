"""`cpis fit`: one analysis of the plan, or a formula for a quick look, on the terminal."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cpis_analysis.commands.data_state import data_remarks, warn_of_data
from cpis_analysis.commands.fit_shown import show_result
from cpis_analysis.commands.shared_options import JsonOption, PlanOption, chosen, complete_analysis, open_plan
from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.methods import mixed

# those that a formula with a random part can have, the usual one first
Df = StrEnum("Df", {one.in_plan.replace("-", "_"): one.in_plan for one in mixed.METHOD.degrees})  # type: ignore[misc]
_USUAL_DF = next(iter(Df))


class Boundary(StrEnum):
    """What becomes of a variance at zero."""

    keep = "keep"
    drop = "drop"


def fit(
    what: Annotated[
        str,
        typer.Argument(
            help="An analysis of the plan (outcome.model), or a formula in quotes.",
            autocompletion=complete_analysis,
            show_default=False,
        ),
    ],
    df: Annotated[Df, typer.Option(help="Formula only: degrees of freedom of a mixed model.")] = _USUAL_DF,
    boundary: Annotated[
        Boundary, typer.Option(help="Formula only: a variance at zero in Kenward-Roger.")
    ] = Boundary.keep,
    cluster: Annotated[
        str | None,
        typer.Option(help="Formula only: level by which least squares (no random part) is robust; default: the first."),
    ] = None,
    effect: Annotated[str | None, typer.Option(help="Formula only: the term to report; default: the arm.")] = None,
    level: Annotated[float, typer.Option(help="Formula only: level of the intervals.", min=0.5, max=0.999)] = 0.95,
    plan: PlanOption = Path("config.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Fit one analysis and show it; a formula is a quick look, marked exploratory.

    Writes nothing. Examples: cpis fit rguk.ancova · cpis fit "qpr_6m ~ arm + qpr_0m + (1 | trust:team)"
    """
    from cpis_analysis.runs.processed import read_analysis_data

    loaded, terminal = open_plan(plan), Terminal(as_json)
    if "~" in what:
        from cpis_analysis.analyses.fitting.quick_look import quick_look
        from cpis_analysis.plan.specification import OptimalSpec

        region, of_contrast = loaded.content.inference, mixed.METHOD.degrees_for(df.value).of_contrast
        specs = [
            quick_look(
                what,
                loaded.specifications(),
                df_method=df.value,
                boundary=boundary.value,
                cluster=cluster,
                level=level,
                effect=effect,
                optimal=OptimalSpec(region.largest_ratio, region.typical_ratio) if of_contrast else None,
                design=loaded.content.design,
            )
        ]
    else:
        specs = chosen(loaded, what)
    data = read_analysis_data(loaded.root)
    from cpis_analysis.analyses.fitting.run import run_analysis
    from cpis_analysis.analyses.refusal import not_estimable
    from cpis_analysis.analyses.result_records import result_to_record
    from cpis_analysis.errors import ModelError

    warn_of_data(terminal, data_remarks(loaded))
    exploratory = "~" in what
    from cpis_analysis.runs.stored_levels import result_levels

    records = []
    for spec in specs:
        try:
            result = run_analysis(spec, data, loaded.content.study.seed)
        except ModelError as error:
            if len(specs) == 1:
                raise
            result = not_estimable(spec, data, error)
        show_result(terminal, loaded, result, exploratory)
        records.append({"exploratory": exploratory, **result_levels(result_to_record(result))})
    terminal.json(records[0] if len(records) == 1 else records)
