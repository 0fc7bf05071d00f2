"""The command `cpis`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cpis_analysis.errors import CpisError

__all__ = ["main"]

app = typer.Typer(
    help="Outcome analysis of studies in which few clusters carry the evidence. The analysis itself is run by "
    "`snakemake`; these commands stand around it.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)


@app.command()
def check(plan: Annotated[Path, typer.Argument(help="The plan.")] = Path("config.yaml")) -> None:
    """Check a plan and its dictionary without running anything."""
    from cpis_analysis.plan.load import load_plan
    from cpis_analysis.study.plan_check import check_plan

    loaded = load_plan(plan)
    check_plan(loaded)
    content = loaded.content
    typer.echo(
        f"{plan} is a valid plan: {len(content.outcomes)} outcomes, {len(content.models)} models, "
        f"{len(loaded.specifications())} analyses. Run it with: snakemake"
    )


@app.command()
def simulate(
    folder: Annotated[Path, typer.Argument(help="Folder for the raw files; it must be new or empty.")],
    scenario: Annotated[str, typer.Option(help="Name of a scenario; `cpis scenarios` lists them.")] = "null",
    seed: Annotated[int, typer.Option(help="Seed; the shipped data have 20180214.", min=0)] = 20180214,
    clean: Annotated[bool, typer.Option("--clean", help="Leave out the mistakes that a field team makes.")] = False,
    truth: Annotated[Path | None, typer.Option(help="Folder for the clean truth behind the raw files.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that holds files.")] = False,
) -> None:
    """Write SYNTHETIC raw interviews of a study like CPIS."""
    from cpis_analysis.synthetic import simulate as simulate_study
    from cpis_analysis.synthetic import write_raw, write_truth

    for target in (folder, truth):
        if target is not None and target.exists() and (not target.is_dir() or any(target.iterdir())) and not force:
            raise CpisError(f"{target} is not an empty folder; nothing was written. Use --force to write into it.")
    study = simulate_study(scenario=scenario, seed=seed, messy=not clean)
    write_raw(study, folder)
    typer.echo(f"Wrote SYNTHETIC raw files to {folder}.")
    if truth is not None:
        write_truth(study, truth)
        typer.echo(f"Wrote the clean truth behind them to {truth}.")


@app.command()
def scenarios() -> None:
    """List the scenarios of `cpis simulate`."""
    from cpis_analysis.synthetic import SCENARIOS

    width = max(len(name) for name in SCENARIOS)
    for name, meaning in SCENARIOS.items():
        typer.echo(f"{name:{width}}  {meaning}")


@app.command()
def schema(folder: Annotated[Path, typer.Argument(help="The project's folder.")] = Path(".")) -> None:
    """Write the JSON Schema for editors (config.schema.json) and the page of all keys (docs/config.md)."""
    from cpis_analysis.files import write_text
    from cpis_analysis.plan.documentation import json_schema, reference_page

    write_text(folder / "config.schema.json", json_schema())
    write_text(folder / "docs" / "config.md", reference_page())
    typer.echo("Wrote config.schema.json and docs/config.md.")


def main() -> None:
    """Entry point: errors that a user can cause end in their message, never in a traceback."""
    try:
        app()
    except CpisError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None
