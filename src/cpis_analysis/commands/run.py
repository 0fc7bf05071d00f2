"""`cpis run`: the workflow, by the Snakemake that is installed beside this command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from cpis_analysis.commands.shared_options import PlanOption
from cpis_analysis.errors import CpisError, Problem
from cpis_analysis.runs.snakemake import snakemake_command


def run(
    context: typer.Context,
    cores: Annotated[int, typer.Option(help="How many jobs may run at once.", min=1)] = 2,
    plan: PlanOption = Path("config.yaml"),
    directory: Annotated[
        Path | None,
        typer.Option(
            "--directory", "-d", help="The study's folder, which holds its config.yaml and data.", show_default=False
        ),
    ] = None,
) -> None:
    """Carry out the plan: what has changed since the last run, and nothing else.

    What follows goes to Snakemake as it is: `cpis run results/estimates.csv`, `cpis run --forceall`.
    """
    plan = plan if directory is None else directory / plan
    _no_study_as_target(context.args)
    command = snakemake_command(plan, "--cores", str(cores), *context.args)
    raise SystemExit(subprocess.run([sys.executable, *command], check=False).returncode)


def _no_study_as_target(arguments: list[str]) -> None:
    """Snakemake would take a folder or a plan for something to be made, and say that there is nothing to do."""
    for text in arguments:
        path = Path(text)
        if path.is_dir() and (path / "config.yaml").is_file():
            option = f"--directory {text}"
        elif path.suffix in (".yaml", ".yml") and path.is_file():
            option = f"--plan {text}"
        else:
            continue
        raise CpisError(
            "A study is named by an option.",
            Problem("what stands without an option is a file to be made", value=text, hint=f"cpis run {option}"),
        )
