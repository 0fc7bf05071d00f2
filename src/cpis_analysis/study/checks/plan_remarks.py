"""What a plan may say and what looks wrong nevertheless, as far as dictionary and instruments have to be known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from cpis_analysis.errors import Problem
from cpis_analysis.instruments import required_items, score_infos
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.plan.own_outcome import OwnOutcome, own_outcome
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.plan.schema import Outcome
from cpis_analysis.publish.letters import without_font
from cpis_analysis.study_words import PEOPLE

_NAMED = 3
_LETTERS_NAMED = 10


def remarks_of(plan: Plan, dictionary: Dictionary) -> list[Problem]:
    """All remarks on a plan that has passed `plan_check.check_plan`.

    1. What `plan.remarks` finds without the dictionary.
    2. Populations, derived variables and covariates that are made of the outcome that is analysed: by its name, by the
       variable of a binary outcome, by another score of the same items.
    3. Labels with letters that no font of this machine has.
    4. Margins, important differences and shifts that are wider than the outcome's whole range.

    Returns
    -------
    list of Problem
        In the order of their lines. None of them stops a run.
    """
    remarks = _Remarks(plan, dictionary)
    found = [*plan.remarks(), *remarks.own_outcomes(), *remarks.ranges(), *_letters(plan, dictionary)]
    return sorted(found, key=lambda problem: (problem.line or 0, problem.message))


def _letters(plan: Plan, dictionary: Dictionary) -> Iterator[Problem]:
    """That figures and PDF would have boxes in place of letters; page and Word take the fonts of who reads them."""
    content = plan.content
    texts = [str(value) for value in _texts(content.model_dump(mode="json"))]
    texts += [text for one in dictionary.values() for text in (one.label, *one.choices.values())]
    lacking = without_font(texts)
    if lacking:
        some = lacking[:_LETTERS_NAMED] + ("..." if len(lacking) > _LETTERS_NAMED else "")
        yield Problem(
            f"no font of this machine has the letters {some}: figures and PDF would show boxes",
            hint="install one that has them (such as Noto Sans CJK for Chinese, Japanese and Korean) and run again",
        )


def _texts(part: object) -> Iterator[object]:
    if isinstance(part, dict):
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)
    elif isinstance(part, str):
        yield part


class _Remarks(PlanProblems):
    def __init__(self, plan: Plan, dictionary: Dictionary) -> None:
        super().__init__(plan.content, plan.document)
        self.specs = plan.specifications()
        self.dictionary = dictionary
        settings = plan.content.scoring_settings()
        items = required_items(settings)
        self.infos = score_infos(settings)
        self.items = {
            column: frozenset(items[name]) for name in settings for column in score_infos({name: settings[name]})
        }

    def made_of(self, outcome: str) -> list[str]:
        """What else holds the answers that make an outcome, by name without the wave."""
        parts = self.plan.outcomes
        own = self.items.get(outcome, frozenset([outcome]))
        found = [name for name, items in self.items.items() if items & own] + sorted(own)
        event = parts[outcome].variable
        if event is not None:
            found += [event, *(name for name, part in parts.items() if part.variable == event)]
        return [name for name in dict.fromkeys(found) if name != outcome]

    def own_outcomes(self) -> Iterator[Problem]:
        analyses: dict[tuple[str, str, str], list[tuple[str, OwnOutcome]]] = {}
        for spec in self.specs:
            for one in own_outcome(spec, self.made_of(spec.outcome)):
                key = (one.part, *(("", spec.model) if one.part == "covariate" else (one.name, "")))
                analyses.setdefault(key, []).append((spec.name, one))
        for (part, name, model), found in analyses.items():
            names = list(dict.fromkeys(analysis for analysis, _ in found))
            listed = _listed(names)
            variables = ", ".join(dict.fromkeys(one.variable for _, one in found))
            hint = "use what was known at baseline, or say in the label that it is no comparison of like with like"
            if part == "population":
                yield self.problem(
                    ("populations", name, "where"),
                    f"the population of {listed} is chosen by the "
                    f"outcome that is analysed: {PEOPLE} are left out for how they fared",
                    value=variables,
                    hint=hint,
                )
            elif part == "derived":
                yield self.problem(
                    ("derived", name, "where"),
                    f"the derived variable in the model of {listed} is made of the outcome that is analysed",
                    value=variables,
                    hint=hint,
                )
            else:
                yield self.problem(
                    ("models", model, "formula"),
                    f"a covariate in the model of {listed} is made of the outcome that is analysed",
                    value=variables,
                    hint="take it out of the formula",
                )

    def ranges(self) -> Iterator[Problem]:
        for name, part in self.plan.outcomes.items():
            low, high = self.range_of(name, part)
            if not math.isfinite(high - low) or high <= low:
                continue
            path: Path_ = ("outcomes", name)
            info = self.infos.get(name)
            if info is not None and (low > info.low or high < info.high):
                yield self.problem(
                    (*path, "high" if high < info.high else "low"),
                    f"the range is narrower than the instrument's, so there may be {PEOPLE} outside it",
                    value=f"{low:g} to {high:g}",
                    allowed=f"{info.low:g} to {info.high:g}",
                    hint="leave low and high out",
                )
            named = f"the whole range of {name} ({low:g} to {high:g})"
            important = part.minimal_important_difference
            if important is not None and important >= high - low:
                yield self.problem(
                    (*path, "minimal_important_difference"),
                    f"no difference can be so large: it is as wide as {named}",
                    value=f"{important:g}",
                    hint="give it in the units of the outcome: a difference of risks as a proportion, 0.1 for 10%",
                )
            margins = part.equivalence
            if margins is not None and (margins.high >= high - low or margins.low <= low - high):
                yield self.problem(
                    (*path, "equivalence"),
                    "the margins can't be missed: one is as wide as " + named,
                    value=f"{margins.low:g} to {margins.high:g}",
                    hint="give them in the units of the outcome: a difference of risks as a proportion, 0.1 for 10%",
                )
            shifts = part.tipping_point.deltas if part.tipping_point else []
            beyond = [f"{shift:g}" for shift in shifts if abs(shift) > high - low]
            if beyond:
                yield self.problem(
                    (*path, "tipping_point", "deltas"),
                    f"shifts are wider than {named}",
                    value=", ".join(beyond),
                    hint="give shifts in the units of the outcome",
                )

    def range_of(self, name: str, part: Outcome) -> tuple[float, float]:
        """Lowest and highest possible value; infinite where nothing says."""
        if part.is_event:
            return 0.0, 1.0
        if part.type == "ordinal":
            return 0.0, float(len(part.categories) - 1)
        low, high = -math.inf, math.inf
        if name in self.infos:
            low, high = self.infos[name].low, self.infos[name].high
        elif name in self.dictionary and self.dictionary[name].is_numeric:
            variable = self.dictionary[name]
            low = low if variable.low is None else float(variable.low)  # type: ignore[arg-type]
            high = high if variable.high is None else float(variable.high)  # type: ignore[arg-type]
        return (low if part.low is None else part.low), (high if part.high is None else part.high)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
