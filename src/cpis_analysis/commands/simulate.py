"""`cpis simulate` and `cpis scenarios`: synthetic raw data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cpis_analysis.commands.shared_options import JsonOption
from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.errors import CpisError


def simulate(
    folder: Annotated[Path, typer.Argument(help="Folder for the raw files; it must be new or empty.")],
    scenario: Annotated[str, typer.Option(help="Name of a scenario; `cpis scenarios` lists them.")] = "null",
    seed: Annotated[int, typer.Option(help="Seed; the shipped data have 20180214.", min=0)] = 20180214,
    clean: Annotated[bool, typer.Option("--clean", help="Leave out the mistakes that a field team makes.")] = False,
    truth: Annotated[Path | None, typer.Option(help="Folder for the clean truth behind the raw files.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that holds files.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write SYNTHETIC raw interviews of a study like CPIS."""
    from cpis_analysis.synthetic import simulate as simulate_study
    from cpis_analysis.synthetic import write_raw, write_truth

    for target in (folder, truth):
        if target is not None and target.exists() and (not target.is_dir() or any(target.iterdir())) and not force:
            raise CpisError(f"{target} is not an empty folder; nothing was written. Use --force to write into it.")
    terminal = Terminal(as_json)
    study = simulate_study(scenario=scenario, seed=seed, messy=not clean)
    write_raw(study, folder)
    terminal.line(f"Wrote SYNTHETIC raw files to {folder}.")
    if truth is not None:
        write_truth(study, truth)
        terminal.line(f"Wrote the clean truth behind them to {truth}.")
    terminal.json(
        {
            "synthetic": True,
            "scenario": scenario,
            "seed": seed,
            "folder": str(folder),
            "truth": None if truth is None else str(truth),
        }
    )


def scenarios(as_json: JsonOption = False) -> None:
    """List the scenarios of `cpis simulate`."""
    from cpis_analysis.synthetic import SCENARIOS

    terminal = Terminal(as_json)
    width = max(len(name) for name in SCENARIOS)
    for name, meaning in SCENARIOS.items():
        terminal.line(f"{name:{width}}  {meaning}")
    terminal.json(dict(SCENARIOS))
