"""The plan against its dictionary: what can be known to be wrong before any data are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cpis_analysis.errors import PlanError, Problem, did_you_mean
from cpis_analysis.instruments import check_settings, required_items
from cpis_analysis.intake.dictionary import Dictionary, read_dictionary
from cpis_analysis.intake.variable import TRUE_FALSE, YES_NO
from cpis_analysis.lmm.formula import parse_formula
from cpis_analysis.plan.expression import (
    Comparison,
    Membership,
    Missing,
    Variable,
    comparisons,
    parse_condition,
    variables_of,
)
from cpis_analysis.plan.load import Plan
from cpis_analysis.plan.resolve import filled_formula
from cpis_analysis.plan.schema import Outcome
from cpis_analysis.plan.yaml_reader import Path_
from cpis_analysis.study.variables import KnownVariables, known_variables

__all__ = ["check_plan"]


def check_plan(plan: Plan) -> Dictionary:
    """Check every name that the plan uses, and that its files exist.

    Returns
    -------
    Dictionary
        The dictionary, read on the way.

    Raises
    ------
    PlanError
        With every mistake: unknown variables, codes, instruments and settings, missing files.
    DataError
        If the dictionary can't be used.
    """
    check = _Check(plan)
    missing = list(check.files())
    if (plan.root / plan.content.data.dictionary).is_file():
        dictionary = read_dictionary(plan.root / plan.content.data.dictionary, plan.content.data.dictionary)
    elif missing:
        raise PlanError("Files that the plan names are not there.", missing)
    check.dictionary = dictionary
    problems = [*missing, *check.scoring(dictionary)]
    if not problems:
        known = known_variables(plan.content, dictionary)
        problems = [*check.design(dictionary, known), *check.outcomes(dictionary, known), *check.formulas(known),
                    *check.derived(dictionary, known), *check.populations(dictionary, known),
                    *check.experience(dictionary)]
    if problems:
        name = plan.document.file
        problems = list(dict.fromkeys(problems))
        raise PlanError(f"The plan {name} does not fit its dictionary; nothing was run.", problems)
    return dictionary


class _Check:
    def __init__(self, plan: Plan) -> None:
        self.content = plan.content
        self.document = plan.document
        self.root = plan.root
        self.dictionary: Dictionary = Dictionary([], "")

    def problem(self, path: Path_, message: str, **more: str | None) -> Problem:
        return Problem(message, file=self.document.file, line=self.document.line_of(path), **more)

    def unknown(self, path: Path_, message: str, name: str, known: Iterable[str]) -> Problem:
        return self.problem(path, message, value=name, hint=did_you_mean(name, known))

    def files(self) -> Iterator[Problem]:
        data = self.content.data
        places: list[tuple[Path_, str | None]] = [(("data", "dictionary"), data.dictionary)]
        places += [(("data", "checksums"), data.checksums)]
        one = isinstance(data.corrections, str)
        places += [(("data", "corrections", *(() if one else (at,))), name)
                   for at, name in enumerate(data.correction_files)]
        places += [(("data", "sources", name, "file"), source.file) for name, source in data.sources.items()]
        for path, name in places:
            if name is not None and not (self.root / name).is_file():
                yield self.problem(path, "there is no such file", value=name)

    def scoring(self, dictionary: Dictionary) -> Iterator[Problem]:
        settings = self.content.scoring_settings()
        found = check_settings(settings)
        for item in found:
            path: Path_ = ("scoring", *(item.variable or "").split("."))
            yield self.problem(path, f"scoring.{item.variable}: {item.message}", value=item.value,
                               allowed=item.allowed, hint=item.hint)
        if found:
            return
        for score, items in required_items(settings).items():
            absent = [item for item in items if item not in dictionary]
            if absent:
                yield self.problem(("scoring", score), "items are not in the dictionary", value=", ".join(absent),
                                   hint=did_you_mean(absent[0], dictionary))

    def design(self, dictionary: Dictionary, known: KnownVariables) -> Iterator[Problem]:
        design = self.content.design
        named: list[tuple[Path_, str]] = [
            (("design", "participant"), design.participant),
            (("design", "arm", "variable"), design.arm.variable),
            (("design", "trust"), design.trust),
        ]
        named += [(("design", "team"), design.team)] if design.team else []
        named += [(("design", "interview_date"), design.interview_date)] if design.interview_date else []
        for key in ("characteristics", "team_characteristics"):
            named += [(("design", key, i), name) for i, name in enumerate(getattr(design, key))]
        named += [(("cleaning", "constant", i), name) for i, name in enumerate(self.content.cleaning.constant)]
        for path, name in named:
            if name not in dictionary:
                yield self.unknown(path, "the variable is not in the dictionary", name, dictionary)
        arm = dictionary.get(design.arm.variable)
        if arm is not None and design.arm.reference not in arm.choices:
            yield self.problem(("design", "arm", "reference"), "the variable has no such code",
                               value=design.arm.reference, allowed=", ".join(arm.choices),
                               hint=did_you_mean(design.arm.reference, arm.choices))

    def outcomes(self, dictionary: Dictionary, known: KnownVariables) -> Iterator[Problem]:
        for name, part in self.content.outcomes.items():
            if part.variable is not None:
                yield from self.event(name, part, dictionary)
            elif name not in known.measured:
                yield self.unknown(("outcomes", name), "the outcome is neither a score nor an interview variable",
                                   name, known.measured)
            elif name in dictionary and not dictionary[name].is_numeric:
                yield self.problem(("outcomes", name), "the outcome is not a number", value=name,
                                   hint="for yes and no: type: binary, with variable and event, under another name")
            if name in known.measured and self.content.design.waves[-1].name not in known.measured[name]:
                yield self.problem(("outcomes", name), "the outcome is not measured at follow-up", value=name)

    def event(self, name: str, part: Outcome, dictionary: Dictionary) -> Iterator[Problem]:
        """The variable and the codes that make a binary outcome."""
        path: Path_ = ("outcomes", name, "variable")
        asked = [v.name for v in dictionary.values() if v.waves]
        if name in dictionary:
            yield self.problem(("outcomes", name), "the dictionary has a variable of this name already", value=name)
        if part.variable not in asked:
            yield self.unknown(path, "the variable is not asked in interviews", str(part.variable), asked)
            return
        variable = dictionary[part.variable]
        if not variable.is_categorical:
            yield self.problem(path, "only a variable with choices can be made an event", value=part.variable)
            return
        for position, code in enumerate(part.event):
            if code not in variable.choices:
                yield self.problem(("outcomes", name, "event", position), "the variable has no such code", value=code,
                                   allowed=", ".join(variable.choices), hint=did_you_mean(code, variable.choices))
        if set(variable.choices) <= set(part.event):
            yield self.problem(("outcomes", name, "event"), "every answer is the event, so nothing is left to compare")

    def formulas(self, known: KnownVariables) -> Iterator[Problem]:
        """Variables of every formula, once for each model, or for each outcome that overrides it."""
        plan = self.content
        for outcome, settings in plan.outcomes.items():
            for model in settings.models:
                if outcome not in known.measured:
                    continue
                parsed = parse_formula(filled_formula(plan, plan.model_of(outcome, model), outcome))
                names = known.long | known.wide if "wave" in parsed.variables else known.wide
                path: Path_ = ("models", model, "formula")
                if model in settings.overrides:
                    path = ("outcomes", outcome, "overrides", model)
                for variable in parsed.variables:
                    if variable not in names:
                        yield self.unknown(path, f"for the outcome {outcome} the formula uses a variable that the data "
                                           "do not have", variable, names)
                yield from self.moderators(path[:-1] if path[-1] == "formula" else path, outcome, model, names)

    def moderators(self, path: Path_, outcome: str, model: str, kinds: Mapping[str, str]) -> Iterator[Problem]:
        """Numbers need values at which the arms are compared; factors have levels of their own."""
        for position, contrast in enumerate(self.content.model_of(outcome, model).contrasts):
            name, here = contrast.moderator, (*path, "contrasts", position)
            if name is None or name not in kinds:
                continue
            number = kinds[name] in ("integer", "number")
            if number and not contrast.at:
                yield self.problem(here, "a numeric moderator needs values at which the arms are compared", value=name,
                                   hint="add at: with one or two numbers")
            if not number and contrast.at:
                yield self.problem((*here, "at"), "the moderator has levels, not values", value=name,
                                   allowed=", ".join(self.codes(name, self.dictionary)) or None,
                                   hint="remove the key")

    def derived(self, dictionary: Dictionary, known: KnownVariables) -> Iterator[Problem]:
        others = {name for name in (*dictionary, *known.measured)}
        for name, part in self.content.derived.items():
            if name in others:
                yield self.problem(("derived", name), "the data have a variable of this name already", value=name)
            yield from self.condition(("derived", name, "where"), part.where, dictionary, known)

    def populations(self, dictionary: Dictionary, known: KnownVariables) -> Iterator[Problem]:
        for name, population in self.content.populations.items():
            if isinstance(population.where, str):
                yield from self.condition(("populations", name, "where"), population.where, dictionary, known)
                continue
            for variable, codes in population.where.items():
                path: Path_ = ("populations", name, "where", variable)
                if variable not in known.wide:
                    yield self.unknown(path, "the data have no such variable", variable, known.wide)
                    continue
                allowed = self.codes(variable, dictionary)
                for code in [codes] if isinstance(codes, str) else codes:
                    yield from self.code(path, code, allowed)

    def condition(
        self, path: Path_, text: str, dictionary: Dictionary, known: KnownVariables
    ) -> Iterator[Problem]:
        """Variables, codes and kinds of values of a condition."""
        parsed = parse_condition(text)
        absent = [name for name in variables_of(parsed) if name not in known.wide]
        every = {code for name in known.wide for code in self.codes(name, dictionary)}
        for name in absent:
            quoted = f'a code stands in quotes: "{name}"' if name in every else None
            yield self.problem(path, "the data have no such variable", value=name,
                               hint=quoted or did_you_mean(name, known.wide))
        for part in comparisons(parsed):
            if part.variable in absent or isinstance(part, Missing):
                continue
            allowed, kind = self.codes(part.variable, dictionary), known.wide[part.variable]
            values = part.values if isinstance(part, Membership) else ()
            if isinstance(part, Comparison):
                values = (part.value,)
                if part.operator not in ("==", "!=") and kind not in ("integer", "number", "date"):
                    yield self.problem(path, "only numbers and dates can be larger or smaller", value=str(part),
                                       hint="write == or in for codes")
                    continue
            elif not isinstance(part, Membership) and kind != "yesno" and not set(allowed) == {"yes", "no"}:
                yield self.problem(path, "the variable is no truth value", value=part.variable,
                                   allowed=", ".join(allowed) or None)
            for value in values:
                if isinstance(value, Variable):
                    continue
                if kind in ("integer", "number") and not isinstance(value.value, float):
                    yield self.problem(path, "a number is compared with something else", value=str(part),
                                       hint="write the number without quotes")
                elif kind not in ("integer", "number", "date"):
                    yield from self.code(path, value.code, allowed)

    def codes(self, variable: str, dictionary: Dictionary) -> Mapping[str, str]:
        """Codes of a variable of the analysis data; empty where any text is allowed."""
        if variable in self.content.derived:
            return YES_NO
        if variable.startswith("has_") and variable not in dictionary:
            return TRUE_FALSE
        base = variable if variable in dictionary else variable.rpartition("_")[0]
        return dictionary.choices(base) if base in dictionary else {}

    def code(self, path: Path_, code: str, allowed: Mapping[str, str]) -> Iterator[Problem]:
        if allowed and code not in allowed:
            yield self.problem(path, "the variable has no such code", value=code, allowed=", ".join(allowed),
                               hint=did_you_mean(code, allowed))

    def experience(self, dictionary: Dictionary) -> Iterator[Problem]:
        for i, name in enumerate(self.content.report.experience):
            path: Path_ = ("report", "experience", i)
            if name not in dictionary:
                yield self.unknown(path, "the variable is not in the dictionary", name, dictionary)
            elif not dictionary[name].is_categorical:
                yield self.problem(path, "only variables with choices can be tabulated", value=name)

