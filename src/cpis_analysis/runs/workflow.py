"""How the workflow of a study is called."""

from __future__ import annotations

import os
from pathlib import Path

from cpis_analysis.errors import CpisError, Problem

__all__ = ["snakefile_of", "snakemake_command"]


def snakefile_of(plan: Path) -> Path:
    """The Snakefile in the plan's folder or in the nearest folder above it.

    Raises
    ------
    CpisError
        If there is none.
    """
    folder = plan.resolve().parent
    for candidate in (folder, *folder.parents):
        if (candidate / "Snakefile").is_file():
            return candidate / "Snakefile"
    raise CpisError("There is no workflow here.", [Problem(
        "no Snakefile in the plan's folder or above it", value=str(plan),
        hint="the commands that run something work in a copy of the project")])


def snakemake_command(plan: Path, *arguments: str) -> list[str]:
    """Arguments of Python that run Snakemake for a plan, with the plan's folder as working folder."""
    if not plan.is_file():
        raise CpisError(f"There is no plan {plan}.")
    snakefile = snakefile_of(plan)
    command = ["-m", "snakemake", "--snakefile", _relative(snakefile), "--directory", _relative(plan.resolve().parent)]
    profile = snakefile.parent / "profiles" / "default"
    if profile.is_dir():
        command += ["--workflow-profile", _relative(profile)]
    if plan.name != "config.yaml":
        return [*command, *arguments, "--config", f"plan={plan.name}"]
    return [*command, *arguments]


def _relative(path: Path) -> str:
    return os.path.relpath(path)
