"""Options and arguments that several commands share, and what the shell completes for them."""

from __future__ import annotations

from contextvars import ContextVar
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cpis_analysis.errors import CpisError, PlanError, Problem, did_you_mean
from cpis_analysis.study_words import StudyWords, plain

if TYPE_CHECKING:
    from cpis_analysis.intake.dictionary.dictionary import Dictionary
    from cpis_analysis.plan.reading.load import Plan
    from cpis_analysis.plan.specification import AnalysisSpec


class _Opened:
    """A plan that was opened, valid or not."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def words(self) -> StudyWords:
        from cpis_analysis.plan.reading.words_of_file import words_at

        return words_at(self._path)


_OPENED: ContextVar[_Opened | None] = ContextVar("opened plan", default=None)
"""The plan that the command at work has opened."""


def words_of_opened_plan() -> StudyWords:
    """Words of the plan that the command has opened; those of any study where it has opened none."""
    opened = _OPENED.get()
    return plain if opened is None else opened.words


def open_plan(path: Path) -> Plan:
    """Load a plan; paths of the study are relative to its folder."""
    from cpis_analysis.plan.reading.load import load_plan
    from cpis_analysis.runs.snakemake import no_plan

    if not path.is_file():
        raise no_plan(path)
    _OPENED.set(_Opened(path))
    return load_plan(path, str(path))


def open_checked_plan(path: Path, *, data: bool = True) -> tuple[Plan, Dictionary]:
    """Load a plan and check it against its dictionary: one message for both."""
    from cpis_analysis.runs.snakemake import no_plan
    from cpis_analysis.study.checks.plan_check import load_and_check

    if not path.is_file():
        raise no_plan(path)
    _OPENED.set(_Opened(path))
    return load_and_check(path, str(path), data=data)


def chosen(plan: Plan, name: str) -> list[AnalysisSpec]:
    """Analyses of a name: one (``rguk.ancova``), all of an outcome (``rguk``), or all of a model (``ancova``)."""
    specs = plan.specifications()
    found = [spec for spec in specs if spec.name == name]
    found = found or [spec for spec in specs if spec.outcome == name]
    found = found or [spec for spec in specs if spec.model == name]
    if not found:
        names = [*(spec.name for spec in specs), *plan.content.outcomes, *plan.content.models]
        raise PlanError(
            "There is no such analysis.",
            Problem(
                "no analysis, outcome or model of this name",
                value=name,
                hint=did_you_mean(name, names) or f"`cpis explain` lists the {len(specs)} analyses of the plan",
            ),
        )
    return found


def complete_analysis(incomplete: str) -> list[str]:
    """Names for the shell's completion; silent when there is no readable plan."""
    try:
        plan = open_plan(Path("config.yaml"))
    except CpisError:
        return []
    names = [*plan.content.outcomes, *plan.content.models, *(spec.name for spec in plan.specifications())]
    return [name for name in names if name.startswith(incomplete)]


def shown(path: Path) -> str:
    """A path as a reader of the terminal would write it: relative to where they are, where that is shorter."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return str(path)


PlanOption = Annotated[Path, typer.Option("--plan", help="The plan; the study's files lie beside it.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
AnalysisArgument = Annotated[
    str | None,
    typer.Argument(
        help="An analysis (outcome.model), an outcome or a model.", autocompletion=complete_analysis, show_default=False
    ),
]
