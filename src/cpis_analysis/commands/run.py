"""`cpis run`: the workflow, by the Snakemake that is installed beside this command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from cpis_analysis.commands.options import PlanOption
from cpis_analysis.runs.workflow import snakemake_command

__all__ = ["run"]


def run(
    context: typer.Context,
    cores: Annotated[int, typer.Option(help="How many jobs may run at once.", min=1)] = 2,
    plan: PlanOption = Path("config.yaml"),
) -> None:
    """Carry out the plan: what has changed since the last run, and nothing else.

    What follows goes to Snakemake as it is: `cpis run results/estimates.csv`, `cpis run --forceall`.
    """
    command = snakemake_command(plan, "--cores", str(cores), *context.args)
    raise SystemExit(subprocess.run([sys.executable, *command], check=False).returncode)
