"""The plan against its dictionary: what can be known to be wrong before any data are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from cpis_analysis.errors import DataError, PlanError, Problem, did_you_mean
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.instruments import check_settings, required_items
from cpis_analysis.intake.dictionary.dictionary import Dictionary, read_dictionary
from cpis_analysis.plan.naming import plural
from cpis_analysis.plan.reading.key_words import said_as_written
from cpis_analysis.plan.reading.load import InconsistentPlan, Plan, in_order, load_plan
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.resolve import filled_formula
from cpis_analysis.plan.reading.timing import timing_of
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.plan.schema import Outcome, occasion_of
from cpis_analysis.study.checks.plan_conditions import ConditionChecks, codes_of
from cpis_analysis.study.checks.plan_files import DeclaredChecks, FileChecks
from cpis_analysis.study.checks.plan_items import ImputedItems
from cpis_analysis.study.checks.plan_missing import MissingVariables
from cpis_analysis.study.checks.plan_names import NameChecks
from cpis_analysis.study.checks.plan_report import ReportVariables
from cpis_analysis.study.variables import KnownVariables, known_variables

__all__ = ["check_plan", "load_and_check"]


def load_and_check(path: str | Path, shown_as: str | None = None, *, data: bool = True) -> tuple[Plan, Dictionary]:
    """Read a plan and check it against its dictionary, with as many mistakes in one message as can be known.

    Where keys of the plan contradict each other, files, design and instruments are still checked.

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
        more = in_order([*error.problems, *said_as_written(_whatever_else(error.plan), error.plan.document)])
        raise PlanError(error.summary, more) from None
    return plan, check_plan(plan, data=data)


def _whatever_else(plan: Plan) -> list[Problem]:
    """What can be checked of a plan whose models may name what is not there."""
    missing, name = list(FileChecks(plan).files()), plan.content.data.dictionary
    if not (plan.root / name).is_file():
        return missing
    try:
        check = _Check(plan, read_dictionary(plan.root / name, name))
    except DataError as error:
        return [*missing, *error.problems]
    return [*missing, *check.scoring(), *check.design(), *ReportVariables(plan, check.dictionary).variables()]


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
    check = _Check(plan, dictionary)
    problems = [*missing, *check.scoring()]
    if not problems:
        known = known_variables(plan.content, dictionary)
        problems = [
            *files.value_sets(),
            *check.design(),
            *check.outcomes(known),
            *check.times(known),
            *check.formulas(known),
            *MissingVariables(plan, known).variables(),
            *ImputedItems(plan, dictionary).items(),
            *ConditionChecks(plan, dictionary, known).conditions(),
            *NameChecks(plan, dictionary).names(),
            *ReportVariables(plan, dictionary).variables(),
        ]
        problems += DeclaredChecks(plan, dictionary).problems(problems)
    if problems:
        name, said = plan.document.file, said_as_written(problems, plan.document)
        raise PlanError(f"The plan {name} does not fit its dictionary; nothing was run.", in_order(said))
    return dictionary


class _Check(PlanProblems):
    def __init__(self, plan: Plan, dictionary: Dictionary) -> None:
        super().__init__(plan.content, plan.document)
        self.dictionary = dictionary

    def unfit(self, path: Path_, message: str, name: str, known: Iterable[str]) -> Problem:
        """A name that is not among those that would do, with the nearest one."""
        return self.problem(path, message, value=name, hint=did_you_mean(name, known))

    def scoring(self) -> Iterator[Problem]:
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
                    hint=did_you_mean(absent[0], self.dictionary),
                )

    def design(self) -> Iterator[Problem]:
        design, dictionary = self.plan.design, self.dictionary
        named: list[tuple[Path_, str]] = [
            (("design", "participant"), design.participant),
            (("design", "arm", "variable"), design.arm.variable),
            *((("design", "levels", i, "variable"), name) for i, name in enumerate(design.clusters)),
        ]
        named += [(("design", "interview_date"), design.interview_date)] if design.interview_date else []
        named += [(("design", "recruited_on"), design.recruited_on)] if design.recruited_on else []
        for key in ("characteristics", "team_characteristics"):
            named += [(("design", key, i), name) for i, name in enumerate(getattr(design, key))]
        for path, name in named:
            if name not in dictionary:
                yield self.unfit(path, "the variable is not in the dictionary", name, dictionary)
        yield from self.characteristics()
        yield from self.places(named[: 2 + len(design.levels)])
        yield from self.arm()
        when = dictionary.get(design.interview_date or "")
        if when is not None and (when.type != "date" or not when.waves):
            yield self.problem(
                ("design", "interview_date"),
                "the interview date must be a date that is asked at the waves",
                value=when.name,
                allowed=", ".join(v.name for v in dictionary.values() if v.type == "date" and v.waves) or None,
            )
        entered = dictionary.get(design.recruited_on or "")
        if entered is not None and (entered.type != "date" or entered.waves):
            yield self.problem(
                ("design", "recruited_on"),
                "the date of recruitment must be a date of the recruitment log",
                value=entered.name,
                allowed=", ".join(v.name for v in dictionary.values() if v.type == "date" and not v.waves) or None,
            )

    def characteristics(self) -> Iterator[Problem]:
        """What describes people and teams at the start."""
        design, dictionary = self.plan.design, self.dictionary
        first = design.wave_names[0]
        for i, name in enumerate(design.characteristics):
            if name in dictionary and dictionary[name].waves and first not in dictionary[name].waves:
                yield self.problem(
                    ("design", "characteristics", i),
                    f"the variable is asked later than {'baseline' if design.baseline_wave else 'at the first wave'}",
                    value=name,
                    allowed=f"variables of people, and those that are asked at {first}",
                )
        for i, name in enumerate(design.team_characteristics):
            if name in dictionary and dictionary[name].waves:
                yield self.problem(
                    ("design", "team_characteristics", i),
                    "the variable is asked in interviews, so it describes no cluster",
                    value=name,
                )

    def places(self, named: Sequence[tuple[Path_, str]]) -> Iterator[Problem]:
        """What names people and clusters."""
        for path, name in named:
            if name not in self.dictionary:
                continue
            waves = self.dictionary[name].waves
            if self.dictionary[name].type == "date":
                yield self.problem(path, "a date can't name people or clusters", value=name)
            elif waves:
                many = plural(occasion_of(self.plan.data, self.plan.design))
                yield self.problem(
                    path,
                    f"the variable is asked in {many} ({', '.join(waves)}), so it is no property of a person",
                    value=name,
                    hint="name a variable that the dictionary gives no waves",
                )

    def arm(self) -> Iterator[Problem]:
        """The arm is a category, and the reference one of its codes."""
        design, dictionary = self.plan.design, self.dictionary
        arm = dictionary.get(design.arm.variable)
        if arm is not None and not arm.is_categorical:
            yield self.unfit(
                ("design", "arm", "variable"),
                "the arm must be a variable with choices",
                arm.name,
                [v.name for v in dictionary.values() if v.is_categorical],
            )
        elif arm is not None and design.arm.reference not in arm.choices:
            yield self.problem(
                ("design", "arm", "reference"),
                "the variable has no such code",
                value=design.arm.reference,
                allowed=", ".join(arm.choices),
                hint=did_you_mean(design.arm.reference, arm.choices),
            )
        if arm is None or not arm.is_categorical:
            return
        named: list[tuple[Path_, str]]
        named = [(("design", "arm", "compared", place), code) for place, code in enumerate(design.arm.compared)]
        named += [(("design", "arm", "primary"), design.arm.primary)] if design.arm.primary else []
        for place, level in enumerate(design.levels):
            named += [(("design", "levels", place, "arms"), code) for code in level.arms]
            if level.arms and set(arm.choices) <= set(level.arms):
                yield self.problem(
                    ("design", "levels", place, "arms"), "these are all arms of the variable", hint="leave the key out"
                )
        for path, code in named:
            if code not in arm.choices:
                yield self.problem(
                    path,
                    "the variable has no such code",
                    value=code,
                    allowed=", ".join(arm.choices),
                    hint=did_you_mean(code, arm.choices),
                )

    def outcomes(self, known: KnownVariables) -> Iterator[Problem]:
        for name, part in self.plan.outcomes.items():
            if part.variable is not None:
                yield from self.event(name, part)
            elif name not in known.measured:
                yield self.unfit(
                    ("outcomes", name), "the outcome is neither a score nor an interview variable", name, known.measured
                )
            elif name in self.dictionary and not self.dictionary[name].is_numeric:
                yield self.problem(
                    ("outcomes", name),
                    "the outcome is not a number",
                    value=name,
                    hint="for yes and no: type: binary, with variable and event, under another name",
                )
            if name in known.measured and self.plan.design.followup_wave not in known.measured[name]:
                yield self.problem(
                    ("outcomes", name),
                    "the outcome is not measured at follow-up",
                    value=name,
                    hint=self.when(part.variable or name),
                )

    def times(self, known: KnownVariables) -> Iterator[Problem]:
        """The variables with the time of an event, or in which a count was made, are numbers at follow-up."""
        last = self.plan.design.followup_wave
        for name, part in self.plan.outcomes.items():
            for key in ("time", "exposure"):
                variable = getattr(part, key)
                if variable is None:
                    continue
                path: Path_ = ("outcomes", name, key)
                asked = [one for one, waves in known.measured.items() if last in waves]
                if variable not in asked:
                    yield self.unfit(path, "the variable is not asked at follow-up", variable, asked)
                elif variable in self.dictionary and not self.dictionary[variable].is_numeric:
                    yield self.problem(path, "the variable is not a number", value=variable)

    def when(self, name: str) -> str | None:
        """At which waves the dictionary has a variable, where it has not the plan's primary one."""
        if name not in self.dictionary:
            return None
        waves = ", ".join(f"'{wave}'" for wave in self.dictionary[name].waves)
        return (
            f"line {self.dictionary[name].line} of {self.dictionary.file} names the waves {waves}; those of the "
            f"plan are {', '.join(wave.name for wave in self.plan.design.waves)}, written "
            f"{';'.join(wave.name for wave in self.plan.design.waves)} there"
        )

    def event(self, name: str, part: Outcome) -> Iterator[Problem]:
        """The variable and the codes that make a binary or an ordinal outcome."""
        path: Path_ = ("outcomes", name, "variable")
        design = self.plan.design
        own = {design.participant, design.arm.variable, *design.clusters}
        asked = [v.name for v in self.dictionary.values() if v.waves or v.name not in own]
        if name in self.dictionary:
            yield self.problem(("outcomes", name), "the dictionary has a variable of this name already", value=name)
        if part.variable not in asked:
            yield self.unfit(path, "the variable is not asked of people", str(part.variable), asked)
            return
        variable = self.dictionary[part.variable]
        if not variable.is_categorical:
            made = "answers in order" if part.categories else "an event"
            yield self.problem(path, f"only a variable with choices can be made {made}", value=part.variable)
            return
        for key in ("event", "categories", "not_given"):
            for position, code in enumerate(getattr(part, key)):
                if code not in variable.choices:
                    yield self.problem(
                        ("outcomes", name, key, position),
                        "the variable has no such code",
                        value=code,
                        allowed=", ".join(variable.choices),
                        hint=did_you_mean(code, variable.choices),
                    )
        left = [code for code in variable.choices if code not in (*part.categories, *part.not_given)]
        if part.categories and left:
            yield self.problem(
                ("outcomes", name, "categories"),
                "the variable has answers that are in neither list",
                value=", ".join(left),
                hint="add them to categories, or to not_given if they count as missing",
            )
        if part.event and set(variable.choices) <= set(part.event):
            yield self.problem(("outcomes", name, "event"), "every answer is the event, so nothing is left to compare")

    def formulas(self, known: KnownVariables) -> Iterator[Problem]:
        """Variables of every formula, once for each model, or for each outcome that overrides it."""
        plan, last = self.plan, self.plan.design.followup_wave
        # a variable that a model has for all its outcomes is one mistake
        unknown: dict[tuple[Path_, str], tuple[list[str], Iterable[str]]] = {}
        unfit: dict[tuple[Path_, str], tuple[str, str | None]] = {}
        for outcome, settings in plan.outcomes.items():
            for model in settings.models:
                if outcome not in known.measured:
                    continue
                formula = filled_formula(plan, plan.model_of(outcome, model), outcome)
                parsed = parse_formula(formula)
                rows = timing_of(plan.design, outcome, formula).rows
                names = known.long | known.wide if rows == "long" else known.wide
                for variable in parsed.sources:
                    # of an outcome without a follow-up that has been said
                    own = variable.startswith(f"{outcome}_") and last not in known.measured[outcome]
                    if variable not in names and not own:
                        at = (self.place_of(outcome, model, variable), variable)
                        unknown.setdefault(at, ([], names))[0].append(outcome)
                yield from self.moderators(self.owner(outcome, model, "contrasts"), outcome, model, names)
                for part in parsed.cluster_parts:
                    if (why := self.no_mean(part.variable, known)) and part.variable in names:
                        unfit.setdefault((self.place_of(outcome, model, part.variable), str(part)), why)
        for (path, value), (message, hint) in unfit.items():
            yield self.problem(path, message, value=value, hint=hint)
        for (path, variable), (outcomes, there) in unknown.items():
            yield self.unfit(
                path,
                f"for the outcome{'s' if len(outcomes) > 1 else ''} {', '.join(outcomes)} the "
                "formula uses a variable that the data do not have",
                variable,
                there,
            )

    def no_mean(self, variable: str, known: KnownVariables) -> tuple[str, str | None] | None:
        """Why clusters have no mean of a variable, with a hint; None where they have one."""
        arm = self.plan.design.arm
        if variable not in known.wide:
            at = [f"{variable}_{wave}" for wave in known.measured.get(variable, ())]
            return (
                "a mean of clusters is over people, and each interview has a value of its own",
                f"write {' or '.join(at)}" if at else None,
            )
        if variable == arm.variable:
            codes = self.dictionary[variable].choices if variable in self.dictionary else ()
            if len(arm.compared or [code for code in codes if code != arm.reference]) > 1:
                return "of several arms there is no one share", "name one arm in design.arm.compared"
            return None
        if known.wide[variable] in ("integer", "number", "yesno"):
            return None
        return (
            "only numbers, and yes and no, have a mean",
            "derive a yes/no variable of it, whose mean is the share of yes",
        )

    def owner(self, outcome: str, model: str, key: str) -> Path_:
        """Where a key of a model is set: in the model, or in the outcome's override of it."""
        change = self.plan.outcomes[outcome].overrides.get(model)
        if change is not None and key in change.model_fields_set:
            return ("outcomes", outcome, "overrides", model)
        return ("models", model)

    def place_of(self, outcome: str, model: str, variable: str) -> Path_:
        """Where a variable of a formula is named: in the formula itself or in its list of covariates."""
        part = self.plan.model_of(outcome, model)
        used = re.compile(rf"(?<!\w){re.escape(variable)}(?!\w)")
        if not used.search(part.formula.replace("{outcome}", outcome)) and part.covariates is not None:
            for position, term in enumerate(self.plan.covariates[part.covariates]):
                if used.search(term.replace("{outcome}", outcome)):
                    return ("covariates", part.covariates, position)
        return (*self.owner(outcome, model, "formula"), "formula")

    def moderators(self, path: Path_, outcome: str, model: str, kinds: Mapping[str, str]) -> Iterator[Problem]:
        """Numbers need values at which the arms are compared; factors have levels of their own."""
        for position, contrast in enumerate(self.plan.model_of(outcome, model).contrasts):
            name, here = contrast.moderator, (*path, "contrasts", position)
            if name is None or name not in kinds:
                continue
            number = kinds[name] in ("integer", "number")
            if number and not contrast.at:
                yield self.problem(
                    here,
                    "a numeric moderator needs values at which the arms are compared",
                    value=name,
                    hint="add at: with one or two numbers",
                )
            if not number and contrast.at:
                yield self.problem(
                    (*here, "at"),
                    "the moderator has levels, not values",
                    value=name,
                    allowed=", ".join(codes_of(name, self.dictionary, self.plan.derived)) or None,
                    hint="remove the key",
                )
