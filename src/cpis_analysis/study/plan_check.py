"""The plan against its dictionary: what can be known to be wrong before any data are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cpis_analysis.errors import PlanError, Problem, did_you_mean
from cpis_analysis.instruments import check_settings, required_items
from cpis_analysis.intake.dictionary import Dictionary, read_dictionary
from cpis_analysis.lmm.formula import parse_formula
from cpis_analysis.plan.load import Plan
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
    problems = [*missing, *check.scoring(dictionary)]
    if not problems:
        known = known_variables(plan.content, dictionary)
        problems = [*check.design(dictionary, known), *check.outcomes(known), *check.formulas(known),
                    *check.populations(dictionary, known), *check.experience(dictionary)]
    if problems:
        name = plan.document.file
        raise PlanError(f"The plan {name} does not fit its dictionary; nothing was run.", problems)
    return dictionary


class _Check:
    def __init__(self, plan: Plan) -> None:
        self.content = plan.content
        self.document = plan.document
        self.root = plan.root

    def problem(self, path: Path_, message: str, **more: str | None) -> Problem:
        return Problem(message, file=self.document.file, line=self.document.line_of(path), **more)

    def unknown(self, path: Path_, message: str, name: str, known: Iterable[str]) -> Problem:
        return self.problem(path, message, value=name, hint=did_you_mean(name, known))

    def files(self) -> Iterator[Problem]:
        data = self.content.data
        places: list[tuple[Path_, str | None]] = [(("data", "dictionary"), data.dictionary)]
        places += [(("data", "checksums"), data.checksums)]
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

    def outcomes(self, known: KnownVariables) -> Iterator[Problem]:
        for name in self.content.outcomes:
            if name not in known.measured:
                yield self.unknown(("outcomes", name), "the outcome is neither a score nor an interview variable",
                                   name, known.measured)
            elif self.content.design.waves[-1].name not in known.measured[name]:
                yield self.problem(("outcomes", name), "the outcome is not measured at follow-up", value=name)

    def formulas(self, known: KnownVariables) -> Iterator[Problem]:
        plan = self.content
        for model, part in plan.models.items():
            for outcome, settings in plan.outcomes.items():
                if model not in settings.models or outcome not in known.measured:
                    continue
                parsed = parse_formula(part.formula.replace("{outcome}", outcome))
                names = known.long if "wave" in parsed.variables else known.wide
                for variable in parsed.variables:
                    if variable not in names:
                        yield self.unknown(("models", model, "formula"), f"for the outcome {outcome} the formula uses "
                                           "a variable that the data do not have", variable, names)

    def populations(self, dictionary: Dictionary, known: KnownVariables) -> Iterator[Problem]:
        for name, population in self.content.populations.items():
            for variable, codes in population.where.items():
                path: Path_ = ("populations", name, "where", variable)
                base = variable if variable in dictionary else variable.rpartition("_")[0]
                if variable not in known.wide:
                    yield self.unknown(path, "the data have no such variable", variable, known.wide)
                    continue
                allowed = dictionary.choices(base) if base in dictionary else {}
                for code in [codes] if isinstance(codes, str) else codes:
                    if allowed and code not in allowed:
                        yield self.problem(path, "the variable has no such code", value=code,
                                           allowed=", ".join(allowed), hint=did_you_mean(code, allowed))

    def experience(self, dictionary: Dictionary) -> Iterator[Problem]:
        for i, name in enumerate(self.content.report.experience):
            path: Path_ = ("report", "experience", i)
            if name not in dictionary:
                yield self.unknown(path, "the variable is not in the dictionary", name, dictionary)
            elif not dictionary[name].is_categorical:
                yield self.problem(path, "only variables with choices can be tabulated", value=name)

