"""`cpis check`: the plan against its dictionary and data, without fitting anything."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Sized
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cpis_analysis.commands.data_state import data_remarks, warn_of_data
from cpis_analysis.commands.shared_options import JsonOption, PlanOption, open_checked_plan, shown
from cpis_analysis.commands.terminal import Terminal, cluster_heads
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.naming import counted_noun, plural

if TYPE_CHECKING:
    from cpis_analysis.analyses.fitting.forecast import Forecast
    from cpis_analysis.plan.schema_design import Design
    from cpis_analysis.study.checks.raw_check import RawCheck
    from cpis_analysis.study.design_audit import DesignAudit


def check(
    argument: Annotated[Path | None, typer.Argument(metavar="[PLAN]", help="The plan.", show_default=False)] = None,
    plan: PlanOption = Path("config.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Check the plan against its dictionary and data, without fitting anything.

    Ends with exit code 1 if a run would stop: a headline that can't be analysed, or a mistake in the data.
    """
    from cpis_analysis.errors import DataError
    from cpis_analysis.runs.processed import data_is_there
    from cpis_analysis.study.checks.plan_remarks import remarks_of
    from cpis_analysis.study.checks.raw_check import check_raw

    loaded, dictionary = open_checked_plan(argument or plan)
    raw = check_raw(loaded, dictionary)
    terminal, content = Terminal(as_json), loaded.content
    specs = loaded.specifications()
    terminal.good(
        f"{shown(argument or plan)} is a valid plan: {_counted(content.outcomes, 'outcome')}, "
        f"{_counted(content.models, 'model')}, {_counted(specs, 'analysis')}."
    )
    remarks = [problem.text for problem in (*remarks_of(loaded, dictionary), *raw.remarks)]
    for remark in remarks:
        terminal.warning(remark)
    if raw.problems:
        raise DataError("The raw files do not fit the plan; a run would stop.", raw.problems)
    _show_sources(terminal, raw)
    _show_groups(terminal, raw, loaded)
    record: dict[str, Any] = {
        "plan": str(argument or plan),
        "valid": True,
        "outcomes": len(content.outcomes),
        "models": len(content.models),
        "analyses": len(specs),
        "data": data_is_there(loaded.root),
        "remarks": remarks,
        "sources": [
            {"file": one.file, "format": one.format, "rows": one.rows, "columns": one.columns} for one in raw.sources
        ],
    }
    if not record["data"]:
        terminal.heading("To be known after cleaning (cpis run results/design_audit.json)")
        for line in _after_cleaning(content.design):
            terminal.line(f"  - {line}")
        terminal.json(record)
        return
    state = data_remarks(loaded)
    warn_of_data(terminal, state)
    refused = _against_data(loaded, specs, terminal, record | {"data_remarks": state})
    if refused:
        raise SystemExit(1)


def _after_cleaning(design: Design) -> list[str]:
    """What only the cleaned data can tell."""
    people = plural(design.people.noun)
    lines = [f"the {listed(['rows', people, *cluster_heads(design)])} of each analysis"]
    if design.levels:
        lines += [
            "the level at which the arm varies (within clusters, mixed, or by cluster) and the degrees of freedom "
            "it leaves"
        ]
    else:
        lines += ["the degrees of freedom that the design leaves"]
    return [
        *lines,
        "covariates that repeat each other or explain the arm",
        "analyses that would be refused because of the data",
    ]


def _counted(things: Sized, noun: str) -> str:
    return f"{len(things)} {counted_noun(len(things), noun)}"


def _show_sources(terminal: Terminal, raw: RawCheck) -> None:
    terminal.heading("Raw files")
    terminal.table(
        ["file", "kind", "rows", "columns", "not read"],
        [
            [one.file, one.format, f"{one.rows:,}", str(one.columns), str(len(one.left_out) + len(one.identifiers))]
            for one in raw.sources
        ],
        left=2,
    )


def _show_groups(terminal: Terminal, raw: RawCheck, plan: Any) -> None:
    """People and clusters of each arm, as the raw files have them."""
    if raw.groups:
        design, fewest = plan.content.design, plan.content.report.minimum_cell
        terminal.heading("Groups in the raw files")
        rows = [
            [one.label, f"{one.people:,}" if one.people >= fewest else f"fewer than {fewest}", *map(str, one.clusters)]
            for one in raw.groups
        ]
        terminal.table(["arm", plural(design.people.noun), *(plural(level.cluster) for level in design.levels)], rows)


def _against_data(plan: Any, specs: Sequence[Any], terminal: Terminal, record: dict[str, Any]) -> bool:
    from cpis_analysis.analyses.fitting.forecast import forecast
    from cpis_analysis.errors import CpisError
    from cpis_analysis.runs.processed import read_analysis_data, read_left_out
    from cpis_analysis.runs.stored_levels import audit_levels
    from cpis_analysis.study.design_audit import audit_design

    data = read_analysis_data(plan.root)
    try:
        audit = audit_design(data, plan.content.design, read_left_out(plan.root))
    except CpisError as error:
        terminal.heading("Design")
        terminal.problem(error.text)
        terminal.json(record | {"design": None, "refused": [one.text for one in error.problems]})
        return True
    fewest = plan.content.report.minimum_cell
    forecasts = [forecast(spec, data, fewest) for spec in specs]
    _show_design(terminal, audit, plan.content.design)
    content = plan.content
    headlines = {f"{name}.{part.models[0]}" for name, part in content.outcomes.items()}
    stops = {item.analysis for item in forecasts if item.refused and (item.fault or item.analysis in headlines)}
    _show_forecasts(terminal, specs, forecasts, len(data.participants), stops, content.design)
    terminal.json(
        record
        | {
            "design": audit_levels(audit.to_record(), content.design.clusters),
            "forecasts": [
                asdict(item) | {"refused": [problem.text for problem in item.refused], "stops": item.analysis in stops}
                for item in forecasts
            ],
        }
    )
    return bool(stops)


_COUNTS = ("n_trusts", "n_middles", "n_teams")
"""What counts the clusters of each level in a row of `DesignAudit.arms`; none or fewer where there are fewer levels."""


def _show_design(terminal: Terminal, audit: DesignAudit, design: Design) -> None:
    terminal.heading("Design")
    terminal.paragraph(audit.description)
    terminal.line()
    heads = cluster_heads(design)
    stages = [name for name in audit.arms[0] if name not in ("arm", *_COUNTS, "recruited")]
    names = {"followup": "follow-up"} | {name: name.replace("_", " ") for name in stages if name.startswith("wave_")}
    terminal.table(
        ["arm", *heads, "recruited", *(names.get(stage, stage) for stage in stages)],
        [
            [
                row["arm"],
                *[row[name] for name in _COUNTS if row.get(name) is not None],
                row["recruited"],
                *(row[stage] for stage in stages),
            ]
            for row in audit.arms
        ],
    )
    terminal.line()
    if audit.levels:
        people = plural(design.people.noun)
        terminal.table(
            ["clusters", "arm", "number", f"{people} of each, median", "from", "to"],
            [
                [
                    plural(design.noun_of(row["level"])),
                    row["arm"],
                    row["n_clusters"],
                    f"{row['recruited_median']:g}",
                    row["recruited_low"],
                    row["recruited_high"],
                ]
                for row in audit.levels
            ],
            left=2,
        )
        terminal.line()
    terminal.table(
        ["degrees of freedom", "df", "why"],
        [
            [
                row.approach,
                "none" if row.df is None else str(row.df),
                row.explanation if row.valid else f"not valid: {row.explanation}",
            ]
            for row in audit.degrees_of_freedom
        ],
        left=3,
    )
    for warning in audit.warnings:
        terminal.warning(warning)


def _show_forecasts(
    terminal: Terminal,
    specs: Sequence[Any],
    forecasts: Sequence[Forecast],
    recruited: int,
    stops: Collection[str],
    design: Design,
) -> None:
    from cpis_analysis.methods import method_of
    from cpis_analysis.publish.format import degrees, number

    terminal.heading("Analyses")
    rows = []
    for spec, item in zip(specs, forecasts, strict=True):
        unit = 2 if item.clusters and item.clusters[0][2] is not None else 1
        clusters = " + ".join(str(entry[unit]) for entry in item.clusters)
        rows.append(
            [
                item.analysis,
                spec.estimator + (" (paired)" if spec.pairs else ""),
                str(item.n_obs),
                f"{item.n_participants}/{recruited}",
                *([clusters or "-"] if design.levels else []),
                # a count would take single people for clusters
                "-" if item.df is None or (design.one_sided and method_of(spec).random_part) else degrees(item.df),
                "-" if item.inflation is None else number(item.inflation, 2),
                "REFUSED" if item.refused else "ok",
            ]
        )
    units = [f"{plural(design.team_noun)} by arm"] if design.levels else []
    person = design.people.noun
    counted = " (counted between clusters for mixed models; Kenward-Roger's depend on the outcome)"
    between = counted if design.levels else ""
    terminal.table(["analysis", "estimator", "rows", plural(person), *units, "df", "inflation", ""], rows, left=2)
    terminal.line()
    terminal.paragraph(
        f"{plural(person)}: analysed, of everybody recruited. df: what the design leaves for the effect"
        f"{between}. inflation: factor by which covariates inflate the effect's variance. No outcome was compared "
        "between arms: the checks ran on shuffled outcomes."
    )
    remarks: dict[str, list[str]] = {}
    for item in forecasts:
        for remark in item.remarks:
            remarks.setdefault(remark, []).append(item.analysis)
    if remarks:
        terminal.heading("To be noticed")
    for remark, names in remarks.items():
        listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        terminal.paragraph(f"{remark} [{'all analyses' if len(names) == len(forecasts) else listed}]")
    for heading, chosen in (("Would stop the run", True), ("Not estimable: rows with the reason, no numbers", False)):
        refused = [item for item in forecasts if item.refused and (item.analysis in stops) is chosen]
        if refused:
            terminal.heading(heading)
        for item in refused:
            for problem in item.refused:
                terminal.problem(f"  {item.analysis}: {problem.text}")
