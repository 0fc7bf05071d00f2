"""Conditions of populations and derived variables in R, SAS and Stata, with missing values as the plan treats them.

A condition selects where it is true, and a comparison with a missing value is neither true nor false. R's operators
follow the same rule. SAS and Stata order missing values among the others, so there negations are first pushed down to
the comparisons and each comparison asks whether its variable is missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from cpis_analysis.plan.condition_parser import parse_condition
from cpis_analysis.plan.expression import (
    And,
    Comparison,
    Condition,
    Literal,
    Membership,
    Missing,
    Not,
    Or,
    Truth,
    Variable,
    variables_of,
)
from cpis_analysis.translate.notation.translation import ExplainedModel

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_TRUTH = ("False", "True")


def selecting_variables(model: ExplainedModel) -> tuple[str, ...]:
    """Variables that select people or define variables, sorted; without the derived ones themselves."""
    names = {name for name, _ in model.spec.where}
    texts = [condition for _, condition in model.spec.derived]
    texts += [model.spec.condition] if model.spec.condition else []
    for text in texts:
        names |= set(variables_of(parse_condition(text)))
    return tuple(sorted(names - {name for name, _ in model.spec.derived}))


def r_condition(text: str, model: ExplainedModel, frame: str) -> str:
    """R text that is TRUE, FALSE or NA; all columns of the frame are text."""
    return _r(parse_condition(text), model, frame)


def sas_condition(text: str, model: ExplainedModel, holds: bool = True) -> str:
    """SAS text that is true where the condition is true (or, with ``holds=False``, where it is false)."""
    known = _Known(model, lambda name: f"not missing({name})", {"==": "=", "!=": "ne"}, "and", "or", "not ", _double)
    return known.text(_pushed(parse_condition(text), not holds))


def stata_condition(text: str, model: ExplainedModel, holds: bool = True) -> str:
    """Stata text that is true where the condition is true (or false); numbers are numeric by then."""
    known = _Known(model, lambda name: f"!missing({name})", {}, "&", "|", "!", _single)
    return known.text(_pushed(parse_condition(text), not holds))


def _r(part: Condition, model: ExplainedModel, frame: str) -> str:
    if isinstance(part, Not):
        return f"!({_r(part.part, model, frame)})"
    if isinstance(part, And | Or):
        mark = " & " if isinstance(part, And) else " | "
        return mark.join(f"({_r(inner, model, frame)})" for inner in part.parts)
    column = f"{frame}${part.variable}"
    if isinstance(part, Missing):
        return f"{'!' * part.negated}is.na({column})"
    if isinstance(part, Truth):
        return f'{column} == "True" | {column} == "yes"'
    if isinstance(part, Membership):
        inner = " | ".join(_r_compared(part.variable, "==", value, model, frame) for value in part.values)
        return f"!({inner})" if part.negated else inner
    return _r_compared(part.variable, part.operator, part.value, model, frame)


def _r_compared(name: str, operator: str, value: Literal | Variable, model: ExplainedModel, frame: str) -> str:
    column = f"{frame}${name}"
    if isinstance(value, Variable):
        other = f"{frame}${value.name}"
        if not model.variables.is_factor(name):
            return f"as.numeric({column}) {operator} as.numeric({other})"
        return f"{column} {operator} {other}"
    if isinstance(value.value, float) and not model.variables.is_factor(name):
        return f"as.numeric({column}) {operator} {value}"
    return f"{column} {operator} {json.dumps(_code(name, value, model), ensure_ascii=False)}"


def _code(name: str, value: Literal, model: ExplainedModel) -> str:
    """A code as it stands in the CSV files, where truth values begin with a capital."""
    code = value.code
    return code.capitalize() if model.variables.levels.get(name) == _TRUTH else code


def _pushed(part: Condition, negated: bool = False) -> Condition:
    """The same condition (or its opposite) with negations at the comparisons only."""
    if isinstance(part, Not):
        return _pushed(part.part, not negated)
    if isinstance(part, And | Or):
        kind = Or if isinstance(part, And) == negated else And
        return kind(tuple(_pushed(inner, negated) for inner in part.parts))
    if not negated:
        return part
    if isinstance(part, Comparison):
        return Comparison(part.variable, _OPPOSITE[part.operator], part.value)
    if isinstance(part, Membership):
        return Membership(part.variable, part.values, not part.negated)
    if isinstance(part, Missing):
        return Missing(part.variable, not part.negated)
    return Not(part)


def _double(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _single(text: str) -> str:
    return '"' + re.sub(r'["`$]', "", text) + '"'


@dataclass(frozen=True)
class _Known:
    """Comparisons that hold only where their variables are known, in one program's spelling."""

    model: ExplainedModel
    present: Callable[[str], str]
    operators: dict[str, str]
    both: str
    either: str
    negation: str
    quoted: Callable[[str], str]

    def text(self, part: Condition) -> str:
        if isinstance(part, And | Or):
            mark = self.both if isinstance(part, And) else self.either
            return f" {mark} ".join(f"({self.text(inner)})" for inner in part.parts)
        if isinstance(part, Missing):
            found = self.present(part.variable)
            return found if part.negated else f"{self.negation}({found})"
        if isinstance(part, Not):
            return self.truth(part.part.variable, False)  # type: ignore[union-attr]
        if isinstance(part, Truth):
            return self.truth(part.variable, True)
        if isinstance(part, Membership):
            operator, mark = ("!=", self.both) if part.negated else ("==", self.either)
            inner = f" {mark} ".join(self.compared(part.variable, operator, value) for value in part.values)
            return f"{self.present(part.variable)} {self.both} ({inner})"
        guards = [self.present(part.variable)]
        guards += [self.present(part.value.name)] if isinstance(part.value, Variable) else []
        return f" {self.both} ".join([*guards, self.compared(part.variable, part.operator, part.value)])

    def truth(self, name: str, holds: bool) -> str:
        codes = ("True", "yes") if holds else ("False", "no")
        inner = f" {self.either} ".join(
            f"{name} {self.operators.get('==', '==')} {self.quoted(code)}" for code in codes
        )
        return f"({inner})"

    def compared(self, name: str, operator: str, value: Literal | Variable) -> str:
        spelled = self.operators.get(operator, operator)
        if isinstance(value, Variable):
            return f"{name} {spelled} {value.name}"
        if isinstance(value.value, float) and not self.model.variables.is_factor(name):
            return f"{name} {spelled} {value}"
        return f"{name} {spelled} {self.quoted(_code(name, value, self.model))}"
