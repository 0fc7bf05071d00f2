"""The command `cpis`: which commands there are, and how errors end."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from cpis_analysis import __version__
from cpis_analysis.commands import (
    archive,
    blind,
    check,
    clean,
    dictionary,
    diff,
    explain,
    fit,
    lock,
    new,
    plan,
    power,
    queries,
    run,
    schema,
    shells,
    simulate,
)
from cpis_analysis.commands.shared_options import words_of_opened_plan
from cpis_analysis.errors import CpisError, FileError

app = typer.Typer(
    help="Outcome analysis of studies in which few clusters carry the evidence. `snakemake` (or `cpis run`) carries "
    "out the plan; these commands stand around it.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

NEW, PLAN, DATA, RUNS, PROJECT = "A new study", "The plan", "The raw data", "Runs", "The project"


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cpis {__version__}")
        raise typer.Exit


app.command(rich_help_panel=NEW)(new.new)
app.command(rich_help_panel=PLAN)(check.check)
app.command(rich_help_panel=PLAN)(explain.explain)
app.command(rich_help_panel=PLAN)(fit.fit)
app.command(rich_help_panel=PLAN)(lock.lock)
app.command(rich_help_panel=PLAN)(blind.blind)
app.command(rich_help_panel=PLAN)(blind.unblind)
app.command(rich_help_panel=PLAN)(power.power)
app.command(rich_help_panel=PLAN)(shells.shells)
app.add_typer(dictionary.app, name="dictionary", rich_help_panel=DATA)
app.add_typer(queries.app, name="queries", rich_help_panel=DATA)
app.command(rich_help_panel=RUNS)(plan.plan)
app.command(rich_help_panel=RUNS, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(run.run)
app.command(rich_help_panel=RUNS)(diff.diff)
app.command(rich_help_panel=RUNS)(archive.archive)
app.command(rich_help_panel=RUNS)(clean.clean)
app.command(rich_help_panel=PROJECT)(simulate.simulate)
app.command(rich_help_panel=PROJECT)(simulate.scenarios)
app.command(rich_help_panel=PROJECT)(schema.schema)


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Outcome analysis of studies in which few clusters carry the evidence.

    `cpis new` begins a study, `cpis run` carries out its plan; the other commands stand around it.
    """


def main() -> None:
    """Entry point: errors that a user can cause end in their message, never in a traceback."""
    try:
        app()
    except CpisError as error:
        _stop(error)
    except OSError as error:
        if error.filename is None and error.errno is None:
            raise
        _stop(FileError.of(error))


def _stop(error: CpisError) -> None:
    error.says = words_of_opened_plan()
    if "--json" in sys.argv[1:]:
        problems = [
            {"message": error.says(problem.text), "file": problem.file, "line": problem.line}
            for problem in error.problems
        ]
        sys.stdout.write(
            json.dumps({"error": error.says(error.summary), "problems": problems}, indent=2, ensure_ascii=False) + "\n"
        )
    else:
        typer.echo(str(error), err=True)
    raise SystemExit(1) from None
