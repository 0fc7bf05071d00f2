"""Further contrasts of an analysis before they are put into any language: what is held, and what is compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cpis_analysis.formula.effects import effect_variables, has_term
from cpis_analysis.formula.parse import Term
from cpis_analysis.plan.contrast import Between, Contrast, arms_compared, at_waves, moderators_of
from cpis_analysis.plan.specification import MONTHS, ContrastSpec
from cpis_analysis.translate.notation.translation import Column, ExplainedModel, term_columns

Value = str | float
Weights = dict[int, float]
"""Weight of each coefficient, by its place; a row of an ESTIMATE statement or of `lincom`."""


@dataclass(frozen=True)
class Asked:
    """One row that a contrast of the plan gives.

    Attributes
    ----------
    contrast : Contrast
    held : tuple of (weight, mapping)
        The difference between the arms with these variables held, times the weight, summed. One tuple for each row
        of a joint test.
    terms : tuple of str
        Terms whose coefficients are tested together, instead of `held`.
    """

    contrast: Contrast
    held: tuple[tuple[tuple[float, Mapping[str, Value]], ...], ...] = ()
    terms: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """As results/estimates.csv calls it."""
        return str(self.contrast)

    @property
    def is_joint(self) -> bool:
        """An F test rather than an estimate."""
        return bool(self.terms) or len(self.held) > 1


def effect_moderators(model: ExplainedModel) -> tuple[str, ...]:
    """Variables whose interaction with the arm is the reported effect."""
    return tuple(moderators_of(model.spec))


def asked_contrasts(model: ExplainedModel) -> list[Asked]:
    """Rows of every contrast of the specification, in the order of results/estimates.csv.

    The row that is the reported effect itself is left out. A moderator whose levels are not known gives none.
    """
    found: list[Asked] = []
    arms = arms_compared(model.spec, model.other_arm)
    for part in model.spec.contrasts:
        if part.kind == "difference":
            found.append(Asked(replace(arms, kind="average"), (((1.0, {}),),)))
        elif part.kind == "joint":
            found.append(Asked(_joint(arms, part.terms), terms=part.terms))
        elif part.kind == "by_wave":
            found += _by_wave(model, arms)
        elif part.kind == "average":
            waves = model.spec.later_waves
            held = tuple((1 / len(waves), _at(model, wave)) for wave in waves)
            found.append(Asked(at_waves(arms, model.spec, waves), (held,)))
        else:
            found += _moderator(model, part, arms)
    return found


def weights_of(model: ExplainedModel, asked: Asked) -> list[Weights] | None:
    """Weights on the coefficients, one row or several; None where they depend on the people analysed.

    They do where the difference between the arms depends on a variable that is not held, so that it has to be
    averaged over the people.
    """
    if asked.terms:
        wanted = {frozenset(part.strip() for part in name.split(":")) for name in asked.terms}
        terms = [term for term in model.formula.fixed_terms if frozenset(map(str, term)) in wanted]
        return [{place: 1.0} for term in terms for place in term_columns(model, term)]
    rows = []
    for parts in asked.held:
        total: Weights = {}
        for weight, held in parts:
            row = _difference(model, held)
            if row is None:
                return None
            for place, value in row.items():
                total[place] = total.get(place, 0.0) + weight * value
        rows.append({place: value for place, value in total.items() if value})
    return rows


def _by_wave(model: ExplainedModel, arms: Contrast) -> list[Asked]:
    spec = model.spec
    changes = "wave" in effect_variables(spec.effect)
    crossed = has_term(model.formula, spec.arm, "wave")
    term = f"{spec.arm}:wave"
    found = [Asked(_joint(arms, [term]), terms=(term,))] if crossed else []
    for wave in spec.later_waves if changes else spec.waves_of_rows:
        contrast = at_waves(arms, spec, (wave,))
        if contrast != arms:
            found.append(Asked(contrast, (((1.0, _at(model, wave)),),)))
    return found


def _at(model: ExplainedModel, wave: str) -> dict[str, Value]:
    """A wave, and its months where the formula uses them."""
    return {"wave": wave} | ({MONTHS: model.months[wave]} if model.spec.months else {})


def _joint(arms: Contrast, terms: Sequence[str]) -> Contrast:
    return Contrast("joint", arms.arm, arms.reference, terms=tuple(terms))


def _moderator(model: ExplainedModel, part: ContrastSpec, arms: Contrast) -> list[Asked]:
    name = str(part.moderator)
    together = _joint(arms, [f"{model.spec.arm}:{name}"])
    factor = name in model.factors
    values: tuple[Value, ...] = model.ordered_levels(name) if factor else part.at
    if not values:
        return []
    shown = [value if isinstance(value, str) else f"{value:g}" for value in values]
    steps = range(1, len(values)) if factor else ([len(values) - 1] if len(values) > 1 else [])
    rows = [((1.0, {name: values[step]}), (-1.0, {name: values[0]})) for step in steps]
    found = [Asked(together, tuple(rows))] if len(rows) > 1 else []
    if not (len(rows) == 1 and factor and name in effect_moderators(model)):
        found += [
            Asked(replace(arms, between=(Between(name, shown[step], shown[0]),)), (row,))
            for step, row in zip(steps, rows, strict=True)
        ]
    if not factor and not rows:
        both = {model.spec.arm, name}
        terms = [term for term in model.formula.fixed_terms if both <= {operand.variable for operand in term}]
        found.append(Asked(together, terms=tuple(map(_term_text, terms))))
    return [
        *found,
        *(
            Asked(replace(arms, held=((name, text),)), (((1.0, {name: value}),),))
            for value, text in zip(values, shown, strict=True)
        ),
    ]


def _difference(model: ExplainedModel, held: Mapping[str, Value]) -> Weights | None:
    """The difference between the arms (of the change over time, where the effect is one of change)."""
    spec = model.spec
    changes = "wave" in effect_variables(spec.effect)
    when = _at(model, spec.followup_wave) if model.is_long else {}
    given: dict[str, Value] = {spec.arm: model.other_arm, **when, **held}
    row: Weights = {}
    for place, column in enumerate(model.columns):
        names = {operand.variable for operand, _ in column.parts}
        if spec.arm not in names or (changes and "wave" not in names):
            continue
        value = _value(column, given)
        if value is None:
            return None
        row[place] = value
    return row


def _value(column: Column, given: Mapping[str, Value]) -> float | None:
    product = 1.0
    for operand, code in column.parts:
        known = given.get(operand.variable)
        if code is not None:
            if known is None:
                return None
            product *= float(known == code)
        elif isinstance(known, float) and all(name in _PLAIN for name in operand.transforms):
            value = known
            for name in operand.transforms:
                value = _PLAIN[name](value)
            product *= value
        else:
            return None
    return product


_PLAIN: dict[str, Callable[[float], float]] = {
    "log": math.log,
    "log1p": math.log1p,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "square": lambda value: value**2,
    "cube": lambda value: value**3,
}
"""Transforms that need no other row; a mean or standard deviation depends on the people analysed."""


def _term_text(term: Term) -> str:
    return ":".join(map(str, term))
