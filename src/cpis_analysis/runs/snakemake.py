"""How the workflow of a study is called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cpis_analysis import __file__ as package_file
from cpis_analysis.errors import CpisError, PlanError, Problem

_NEARBY = 4


def no_plan(plan: Path) -> PlanError:
    """What to say where a plan is wanted and there is none: where one is, and how to run it."""
    folder = plan.parent if plan.parent.is_dir() else Path()
    beside = sorted(path for path in folder.glob("*.y*ml") if path.suffix in (".yaml", ".yml"))
    below = sorted(
        path
        for pattern in ("*/config.yaml", "*/*/config.yaml")
        for path in folder.glob(pattern)
        if not any(part.startswith(".") for part in path.parts if part != "..")
    )
    above = [parent / "config.yaml" for parent in folder.resolve().parents if (parent / "config.yaml").is_file()]
    found = [_relative(path) for path in [*beside, *below, *above][:_NEARBY]]
    shown = [
        Problem(
            "a plan is needed: config.yaml, in the study's folder, beside the files that it names",
            hint="go to that folder, or name it: cpis run --directory FOLDER (other commands: --plan FILE)",
        )
    ]
    shown += [Problem("perhaps this is the plan", value=path, hint=f"cpis run {_named(path)}") for path in found]
    if not found:
        shown.append(
            Problem(
                "if there is no plan yet, write one",
                hint="docs/plan.md says how, examples/periodontal is a small one, and "
                "`cpis dictionary draft FILE` begins the dictionary from your data",
            )
        )
    return PlanError(f"There is no plan {plan}.", shown)


def snakefile_of(plan: Path) -> Path:
    """The Snakefile in the plan's folder or in the nearest folder above it, else that of the installed project.

    A checkout has it in its root; a wheel carries it as ``cpis_analysis/project``.

    Raises
    ------
    CpisError
        If there is none.
    """
    folder, package = plan.resolve().parent, Path(package_file).resolve().parent
    for candidate in (folder, *folder.parents, package.parents[1], package / "project"):
        if (candidate / "Snakefile").is_file():
            return candidate / "Snakefile"
    raise CpisError(
        "There is no workflow here.",
        Problem(
            "no Snakefile in the plan's folder, above it, or in the installed package",
            value=str(plan),
            hint="the installation is not complete: install the package again, from its wheel or its project",
        ),
    )


def snakemake_command(plan: Path, *arguments: str) -> list[str]:
    """Arguments of Python that run Snakemake for a plan, with the plan's folder as working folder."""
    if not plan.is_file():
        raise no_plan(plan)
    snakefile = snakefile_of(plan)
    command = ["-m", "snakemake", "--snakefile", _relative(snakefile), "--directory", _relative(plan.resolve().parent)]
    profile = snakefile.parent / "profiles" / "default"
    if profile.is_dir():
        command += ["--workflow-profile", _relative(profile)]
    if plan.name != "config.yaml":
        return [*command, *arguments, "--config", f"plan={plan.name}"]
    return [*command, *arguments]


def _named(path: str) -> str:
    """Options that name a plan."""
    if Path(path).name == "config.yaml":
        return f"--directory {Path(path).parent.as_posix()}"
    return f"--plan {path}"


def dry_run(plan: Path) -> str:
    """What Snakemake says that it would do, and what the workflow says of outputs that are not as written.

    Raises
    ------
    CpisError
        With the end of what it said, if it can't say.
    """
    command = snakemake_command(plan, "--dry-run", "--nocolor", "--quiet", "host")
    done = subprocess.run([sys.executable, *command], capture_output=True, check=False)
    text = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
    if done.returncode:
        raise CpisError(
            "The workflow can't say what it would do.",
            [Problem(line) for line in text.strip().splitlines()[-12:] if line.strip()],
        )
    return text


def _relative(path: Path) -> str:
    return os.path.relpath(path)
