"""`cpis queries`: questions to the data manager, and the answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cpis_analysis.commands.shared_options import JsonOption, PlanOption, open_plan
from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.errors import CpisError
from cpis_analysis.plan.naming import plural

if TYPE_CHECKING:
    from cpis_analysis.intake.clean import CleanData
    from cpis_analysis.plan.reading.load import Plan

app = typer.Typer(help="Questions about the raw data, and the answers.", no_args_is_help=True)


@app.command()
def show(plan: PlanOption = Path("config.yaml"), as_json: JsonOption = False) -> None:
    """Count the open questions, worst first. Shows no values and nobody's number."""
    terminal = Terminal(as_json)
    loaded = open_plan(plan)
    cleaned = _cleaned(loaded)
    counts = cleaned.queries.groupby(["rule", "source", "variable"], sort=True).size()
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    terminal.line(
        f"{len(cleaned.queries)} open queries, {len(cleaned.audit)} changes, {len(cleaned.set_aside)} rows set aside."
    )
    for (rule, source, variable), count in ranked:
        terminal.line(f"{count:5}  {rule.replace('_', ' '):24} {source} {variable}".rstrip())
    _say_answers(terminal, cleaned, loaded)
    terminal.json(
        [
            {"rule": rule, "source": source, "variable": variable, "queries": int(count)}
            for (rule, source, variable), count in ranked
        ]
    )


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="Workbook to write.")] = Path("queries.xlsx"),
    plan: PlanOption = Path("config.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the open queries as a workbook, one sheet a cluster, to be filled in. It is CONFIDENTIAL."""
    from cpis_analysis.files import write_bytes
    from cpis_analysis.intake.dictionary.dictionary import read_dictionary
    from cpis_analysis.intake.queries.workbook_of_queries import queries_workbook

    if out.exists() and not force:
        raise CpisError(
            f"{out} is there already, perhaps with answers; nothing was written. Use --force to replace it."
        )
    loaded, terminal = open_plan(plan), Terminal(as_json)
    data, design = loaded.content.data, loaded.content.design
    cleaned = _cleaned(loaded)
    dictionary = read_dictionary(loaded.root / data.dictionary, data.dictionary)
    write_bytes(
        out,
        queries_workbook(cleaned.queries, cleaned.delivered, cleaned.participants, dictionary, design, cleaned.about),
    )
    who = design.participant_noun
    terminal.line(f"Wrote {len(cleaned.queries)} queries to {out}. It names {plural(who)} by number: send it safely.")
    _say_answers(terminal, cleaned, loaded)
    terminal.json({"queries": len(cleaned.queries), "written": str(out)})


@app.command()
def read(
    files: Annotated[list[Path], typer.Argument(help="Filled-in workbooks, or CSV: one, or those of all rounds.")],
    plan: PlanOption = Path("config.yaml"),
    out: Annotated[Path | None, typer.Option(help="Write the answers as CSV, for data.corrections.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Read answers back and say what is wrong with them; with --out, write them as one CSV.

    The plan's data.corrections takes workbooks or CSV files, one or several; the next run applies the answers. Where
    there is a plan, answers are held against its dictionary.
    """
    from cpis_analysis.files import write_text
    from cpis_analysis.intake.dictionary.dictionary import read_dictionary
    from cpis_analysis.intake.queries.correction import corrections_csv
    from cpis_analysis.intake.queries.reading import read_corrections

    if out is not None and out.exists() and not force:
        raise CpisError(f"{out} is there already; nothing was written. Use --force to replace it.")
    terminal, dictionary, cleaning = Terminal(as_json), None, None
    if plan.is_file():
        loaded = open_plan(plan)
        named = loaded.content.data.dictionary
        dictionary, cleaning = read_dictionary(loaded.root / named, named), loaded.content.cleaning
    else:
        terminal.warning(f"There is no plan {plan}, so the answers are not held against a dictionary.")
    answers = read_corrections([str(file) for file in files], Path(), dictionary, cleaning)
    counts = {status: sum(one.status == status for one in answers) for status in ("corrected", "missing", "confirmed")}
    named = ", ".join(map(str, files))
    terminal.line(f"{named}: {len(answers)} answers: " + ", ".join(f"{n} {name}" for name, n in counts.items()) + ".")
    if out is not None:
        write_text(out, corrections_csv(answers))
        terminal.line(f"Wrote {out}.")
    terminal.json({"answers": len(answers), **counts, "written": None if out is None else str(out)})


def _say_answers(terminal: Terminal, cleaned: CleanData, loaded: Plan) -> None:
    """How many answers were used, and aloud: those out of date, and those that the last run had and this has not."""
    from cpis_analysis.intake.queries.correction import answer_remarks
    from cpis_analysis.runs.processed import last_answers

    if len(cleaned.answers):
        counts = cleaned.answers["became"].value_counts(sort=False)
        terminal.line(
            f"{len(cleaned.answers)} answers: " + ", ".join(f"{n} {became}" for became, n in counts.items()) + "."
        )
    for remark in answer_remarks(cleaned.answers, last_answers(loaded.root, cleaned.withdrawal)):
        terminal.warning(remark)


def _cleaned(loaded: Plan) -> CleanData:
    from cpis_analysis.intake.clean import clean
    from cpis_analysis.intake.dictionary.dictionary import read_dictionary

    content = loaded.content
    dictionary = read_dictionary(loaded.root / content.data.dictionary, content.data.dictionary)
    return clean(content.data, content.design, content.cleaning, dictionary, loaded.root)
