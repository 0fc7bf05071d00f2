"""The plan against its dictionary: what can be known to be wrong before any data are read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from cpis_analysis.errors import DataError, PlanError, Problem, did_you_mean
from cpis_analysis.instruments import check_settings, required_items
from cpis_analysis.intake.dictionary.dictionary import Dictionary, read_dictionary
from cpis_analysis.plan.reading.load import InconsistentPlan, Plan, in_order, load_plan
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.study.checks.plan_conditions import ConditionChecks
from cpis_analysis.study.checks.plan_design import DesignChecks
from cpis_analysis.study.checks.plan_files import DeclaredChecks, FileChecks
from cpis_analysis.study.checks.plan_formulas import FormulaChecks
from cpis_analysis.study.checks.plan_items import ImputedItems
from cpis_analysis.study.checks.plan_missing import MissingVariables
from cpis_analysis.study.checks.plan_names import NameChecks
from cpis_analysis.study.checks.plan_outcomes import OutcomeChecks
from cpis_analysis.study.checks.plan_report import ReportVariables
from cpis_analysis.study.variables import known_variables


def load_and_check(path: str | Path, shown_as: str | None = None, *, data: bool = True) -> tuple[Plan, Dictionary]:
    """Read a plan and check it against its dictionary, with as many mistakes in one message as can be known.

    Where keys of the plan contradict each other, files, design, instruments, outcomes and formulas are still checked.

    Parameters
    ----------
    path, shown_as
        As in `plan.reading.load.load_plan`.
    data : bool
        Whether the files of raw data have to be there.

    Raises
    ------
    PlanError, DataError
        As `plan.reading.load.load_plan` and `check_plan`.
    """
    try:
        plan = load_plan(path, shown_as)
    except InconsistentPlan as error:
        new = _whatever_else(error.plan, {(one.line, one.value) for one in error.problems})
        more = in_order([*error.problems, *new])
        raise PlanError(error.summary, more) from None
    return plan, check_plan(plan, data=data)


def _whatever_else(plan: Plan, said: Collection[tuple[int | None, str | None]]) -> list[Problem]:
    """What can be checked of a plan whose models may name what is not there; `said`: lines and values told before."""
    missing, name = list(FileChecks(plan).files()), plan.content.data.dictionary
    if not (plan.root / name).is_file():
        return missing
    try:
        dictionary = read_dictionary(plan.root / name, name)
    except DataError as error:
        return [*missing, *error.problems]
    settings = list(_Scoring(plan, dictionary).settings())
    found = [*missing, *settings, *DesignChecks(plan, dictionary).design()]
    if not settings:
        # without scores that can be made, outcomes and formulas would seem to name what is not there
        known = known_variables(plan.content, dictionary)
        named = [*OutcomeChecks(plan, dictionary, known).outcomes(), *FormulaChecks(plan, dictionary, known).formulas()]
        # what contradicts another key is often what the dictionary does not have
        found += [one for one in named if (one.line, one.value) not in said]
    return [*found, *ReportVariables(plan, dictionary).variables()]


def check_plan(plan: Plan, *, data: bool = True) -> Dictionary:
    """Check every name that the plan uses, and that its files exist.

    Parameters
    ----------
    plan : Plan
    data : bool
        Whether the files of raw data have to be there.

    Returns
    -------
    Dictionary
        The dictionary, read on the way.

    Raises
    ------
    PlanError
        With every mistake: unknown variables, codes, instruments and settings, names that are given twice, cleaning
        rules that don't fit the dictionary, missing files.
    DataError
        If the dictionary can't be used.
    """
    files = FileChecks(plan)
    missing = list(files.files()) if data else []
    if not data or (plan.root / plan.content.data.dictionary).is_file():
        dictionary = read_dictionary(plan.root / plan.content.data.dictionary, plan.content.data.dictionary)
    elif missing:
        raise PlanError("Files that the plan names are not there.", missing)
    problems = [*missing, *_Scoring(plan, dictionary).settings()]
    if not problems:
        known = known_variables(plan.content, dictionary)
        outcomes = OutcomeChecks(plan, dictionary, known)
        problems = [
            *files.value_sets(),
            *DesignChecks(plan, dictionary).design(),
            *outcomes.outcomes(),
            *outcomes.times(),
            *FormulaChecks(plan, dictionary, known).formulas(),
            *MissingVariables(plan, known).variables(),
            *ImputedItems(plan, dictionary).items(),
            *ConditionChecks(plan, dictionary, known).conditions(),
            *NameChecks(plan, dictionary).names(),
            *ReportVariables(plan, dictionary).variables(),
        ]
        problems += DeclaredChecks(plan, dictionary).problems(problems)
    if problems:
        name = plan.document.file
        raise PlanError(f"The plan {name} does not fit its dictionary; nothing was run.", in_order(problems))
    return dictionary


class _Scoring(PlanProblems):
    def __init__(self, plan: Plan, dictionary: Dictionary) -> None:
        super().__init__(plan.content, plan.document)
        self.dictionary = dictionary

    def settings(self) -> Iterator[Problem]:
        settings = self.plan.scoring_settings()
        found = check_settings(settings)
        for item in found:
            path: Path_ = ("scoring", *(item.variable or "").split("."))
            yield self.problem(
                path, f"scoring.{item.variable}: {item.message}", value=item.value, allowed=item.allowed, hint=item.hint
            )
        if found:
            return
        for score, items in required_items(settings).items():
            absent = [item for item in items if item not in self.dictionary]
            if absent:
                yield self.problem(
                    ("scoring", score),
                    "items are not in the dictionary",
                    value=", ".join(absent),
                    hint=did_you_mean(absent[0], self.dictionary)
                    or "add them to the dictionary, or take the score out of the plan",
                )
