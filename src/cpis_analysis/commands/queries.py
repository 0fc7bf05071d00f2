"""`cpis queries`: questions to the data manager, and the answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cpis_analysis.commands.options import JsonOption, PlanOption, open_plan
from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.errors import CpisError

if TYPE_CHECKING:
    from cpis_analysis.intake.clean import CleanData
    from cpis_analysis.plan.load import Plan

__all__ = ["app"]

app = typer.Typer(help="Questions about the raw data, and the answers.", no_args_is_help=True)


@app.command()
def show(plan: PlanOption = Path("config.yaml"), as_json: JsonOption = False) -> None:
    """Count the open questions, worst first. Shows no values and no participants."""
    terminal = Terminal(as_json)
    cleaned = _cleaned(open_plan(plan))
    counts = cleaned.queries.groupby(["rule", "source", "variable"], sort=True).size()
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    terminal.line(f"{len(cleaned.queries)} open queries, {len(cleaned.audit)} changes, "
                  f"{len(cleaned.set_aside)} rows set aside.")
    for (rule, source, variable), count in ranked:
        terminal.line(f"{count:5}  {rule.replace('_', ' '):24} {source} {variable}".rstrip())
    terminal.json([{"rule": rule, "source": source, "variable": variable, "queries": int(count)}
                   for (rule, source, variable), count in ranked])


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="Workbook to write.")] = Path("queries.xlsx"),
    plan: PlanOption = Path("config.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the open queries as a workbook, one sheet a team, to be filled in. It is CONFIDENTIAL."""
    from cpis_analysis.files import write_bytes
    from cpis_analysis.intake.answers.workbook import queries_workbook
    from cpis_analysis.intake.dictionary import read_dictionary

    if out.exists() and not force:
        raise CpisError(f"{out} is there already, perhaps with answers; nothing was written. Use --force to replace "
                        "it.")
    loaded, terminal = open_plan(plan), Terminal(as_json)
    data, design = loaded.content.data, loaded.content.design
    cleaned = _cleaned(loaded)
    dictionary = read_dictionary(loaded.root / data.dictionary, data.dictionary)
    write_bytes(out, queries_workbook(cleaned.queries, cleaned.delivered, cleaned.participants, dictionary, design))
    terminal.line(f"Wrote {len(cleaned.queries)} queries to {out}. It names participants by number: send it safely.")
    terminal.json({"queries": len(cleaned.queries), "written": str(out)})


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="The filled-in workbook, or CSV.")],
    out: Annotated[Path | None, typer.Option(help="Write the answers as CSV, for data.corrections.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Read answers back and say what is wrong with them; with --out, write them as CSV.

    The plan's data.corrections takes the workbook or the CSV; the next run applies the answers.
    """
    from cpis_analysis.files import write_text
    from cpis_analysis.intake.answers.corrections import corrections_csv, read_corrections

    if out is not None and out.exists() and not force:
        raise CpisError(f"{out} is there already; nothing was written. Use --force to replace it.")
    answers, terminal = read_corrections(file, str(file)), Terminal(as_json)
    counts = {status: sum(one.status == status for one in answers) for status in ("corrected", "missing", "confirmed")}
    terminal.line(f"{file}: {len(answers)} answers: " + ", ".join(f"{n} {name}" for name, n in counts.items()) + ".")
    if out is not None:
        write_text(out, corrections_csv(answers))
        terminal.line(f"Wrote {out}.")
    terminal.json({"answers": len(answers), **counts, "written": None if out is None else str(out)})


def _cleaned(loaded: Plan) -> CleanData:
    from cpis_analysis.intake.clean import clean
    from cpis_analysis.intake.dictionary import read_dictionary

    content = loaded.content
    dictionary = read_dictionary(loaded.root / content.data.dictionary, content.data.dictionary)
    return clean(content.data, content.design, content.cleaning, dictionary, loaded.root)
