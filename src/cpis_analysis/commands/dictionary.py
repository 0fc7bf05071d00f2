"""`cpis dictionary`: a first dictionary from a data file, and the dictionary in forms that other programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cpis_analysis.commands.shared_options import JsonOption, PlanOption, open_plan
from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.errors import CpisError, DataError

app = typer.Typer(help="Draft a data dictionary, check it, or export it.", no_args_is_help=True)


@app.command()
def draft(
    file: Annotated[Path, typer.Argument(help="A data file: CSV, REDCap, Qualtrics, SPSS, Stata or Excel.")],
    out: Annotated[Path, typer.Option(help="Where to write the dictionary.")] = Path("dictionary.csv"),
    form: Annotated[str | None, typer.Option(help="Name of the form; default: the file's name.")] = None,
    wave: Annotated[str, typer.Option(help="Wave of the file, if it holds those of one wave.")] = "",
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook.")] = None,
    header_line: Annotated[int | None, typer.Option(min=1, help="Line of the header, below a title.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a first dictionary from a data file, for you to check.

    Types, categories, missing codes and labels are told from the file; ranges, branching and waves are yours to
    add. Columns that look like identifiers are marked.
    """
    from cpis_analysis.files import write_text
    from cpis_analysis.intake.dictionary_draft import draft_rows, draft_text
    from cpis_analysis.intake.files.read_file import read_file
    from cpis_analysis.plan.file_formats import file_format
    from cpis_analysis.plan.schema import Source

    if out.exists() and not force:
        raise CpisError(f"{out} is there already; nothing was written. Use --force to replace it.")
    source = Source(file=str(file), holds="interviews", sheet=sheet, header_line=header_line)
    delivered, problems = read_file(file, source)
    if delivered is None or problems:
        raise DataError("A dictionary cannot be drafted from this file.", problems)
    rows = draft_rows(delivered, form or file.stem, wave)
    write_text(out, draft_text(rows))
    marked = [row["Variable / Field Name"] for row in rows if row["Identifier?"]]
    terminal = Terminal(as_json)
    terminal.line(f"{file}: {file_format(delivered.format).words}, {len(delivered)} rows.")
    terminal.line(f"Wrote {len(rows)} variables to {out}. Check types, and add ranges, branching logic and waves.")
    if marked:
        terminal.line(f"Marked as identifiers, which never reach the clean data: {', '.join(marked)}.")
    terminal.json(
        {
            "file": str(file),
            "format": delivered.format,
            "rows": len(delivered),
            "variables": len(rows),
            "identifiers": marked,
            "written": str(out),
        }
    )


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Folder for participants.schema.json and measurements.schema.json.")],
    plan: PlanOption = Path("config.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Export the dictionary of the plan as Frictionless Table Schema of the clean data.

    Where the data have been cleaned, the schemas describe their columns one by one; else those that are certain.
    """
    from cpis_analysis.files import write_text
    from cpis_analysis.intake.dictionary.dictionary import read_dictionary
    from cpis_analysis.intake.table_schema import data_schemas

    loaded, terminal = open_plan(plan), Terminal(as_json)
    data, design = loaded.content.data, loaded.content.design
    dictionary = read_dictionary(loaded.root / data.dictionary, data.dictionary)
    written = {}
    columns = {name: found for name in ("participants", "measurements") if (found := _columns(loaded.root, name))}
    for name, schema in data_schemas(dictionary, data, design, columns).items():
        target = folder / f"{name}.schema.json"
        write_text(target, json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
        written[name] = str(target)
        terminal.line(f"Wrote {target}: {len(schema['fields'])} fields.")
    terminal.json(written)


def _columns(root: Path, name: str) -> list[str]:
    """Columns of clean data; none if there are no such data."""
    path = root / "data/processed/clean" / f"{name}.parquet"
    if not path.is_file():
        return []
    import pyarrow.parquet

    return list(pyarrow.parquet.read_schema(path).names)


@app.command()
def check(plan: PlanOption = Path("config.yaml"), as_json: JsonOption = False) -> None:
    """Read the dictionary of the plan and say what is wrong with it."""
    from cpis_analysis.intake.dictionary.dictionary import read_dictionary

    loaded, terminal = open_plan(plan), Terminal(as_json)
    data = loaded.content.data
    dictionary = read_dictionary(loaded.root / data.dictionary, data.dictionary)
    identifiers = [
        variable.name
        for variable in dictionary.values()
        if variable.identifier and variable.name != loaded.content.design.participant
    ]
    terminal.line(f"{data.dictionary}: {len(dictionary)} variables, no faults.")
    if identifiers:
        terminal.line(f"Identifiers, which never reach the clean data: {', '.join(identifiers)}.")
    terminal.json({"file": data.dictionary, "variables": len(dictionary), "identifiers": identifiers})
