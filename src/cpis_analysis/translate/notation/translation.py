"""An analysis as its parts: terms, columns, indices and derived variables, before they are put into any language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product

from cpis_analysis.formula.effects import effect_variables
from cpis_analysis.formula.parse import Formula, Operand, Term, cluster_part, parse_formula
from cpis_analysis.plan.specification import AnalysisSpec


@dataclass(frozen=True)
class Variables:
    """What the explanation has to know of the data.

    Attributes
    ----------
    levels : mapping of str to tuple of str
        Codes of each categorical variable, in the dictionary's order; empty where they are not known beforehand.
    repeated : frozenset of str
        Variables of an interview (they differ between waves).
    joined : frozenset of str
        Variables that stand only in the data with one row a person.
    """

    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()
    joined: frozenset[str] = frozenset()

    def is_factor(self, name: str) -> bool:
        """Whether a variable enters a model as a factor."""
        return name in self.levels


@dataclass(frozen=True)
class Column:
    """One coefficient of the fixed part.

    Attributes
    ----------
    parts : tuple of (Operand, code or None)
        The variables that are multiplied; a code stands for its indicator. Empty: the intercept.
    """

    parts: tuple[tuple[Operand, str | None], ...]

    @property
    def name(self) -> str:
        """As the engine names it, such as ``arm[implementation]:wave[6m]``."""
        names = [str(operand) if code is None else f"{operand}[{code}]" for operand, code in self.parts]
        return ":".join(names) or "(Intercept)"


@dataclass(frozen=True)
class ExplainedModel:
    """A specification with its formula read and its factors known.

    Attributes
    ----------
    spec : AnalysisSpec
    formula : Formula
    variables : Variables
    other_arm : str
        Code of the arm that is compared with the reference; ``other`` where the codes are not known.
    columns : tuple of Column
        Coefficients, as R's rule codes them.
    effect : int or None
        Position of the reported one.
    """

    spec: AnalysisSpec
    formula: Formula
    variables: Variables
    other_arm: str
    columns: tuple[Column, ...]
    effect: int | None

    @property
    def is_long(self) -> bool:
        """One row an interview."""
        return self.spec.rows == "long"

    @property
    def months(self) -> dict[str, float]:
        """Months of the waves, where the formula uses them."""
        return dict(zip(self.spec.waves, self.spec.months, strict=True)) if self.spec.months else {}

    @property
    def wave_left_out(self) -> str:
        """The wave whose interviews are no rows, because the model adjusts for their outcome; empty for none."""
        spec = self.spec
        return spec.baseline_wave if self.is_long and spec.baseline_wave and not spec.has_baseline_rows else ""

    @property
    def factors(self) -> tuple[str, ...]:
        """Factors of the formula, in the order of their names."""
        forced = {operand.variable for operand in self.operands if {"factor", "C"} & set(operand.transforms)}
        groups = {name for random in self.formula.random_terms for name in random.groups}
        return tuple(
            name
            for name in self.formula.variables
            if self.variables.is_factor(name) or name in forced | groups | {self.spec.arm, "wave"}
        )

    @property
    def numbers(self) -> tuple[str, ...]:
        """Numeric variables of the formula."""
        return tuple(name for name in self.formula.variables if name not in self.factors)

    @property
    def operands(self) -> tuple[Operand, ...]:
        """Every operand, once, the outcome first."""
        found = {self.formula.response: None}
        terms = [*self.formula.fixed_terms, *(term for random in self.formula.random_terms for term in random.terms)]
        found |= {operand: None for term in terms for operand in term}
        return tuple(found)

    def ordered_levels(self, name: str) -> tuple[str, ...]:
        """Codes of a factor, the reference first; empty where they are not known."""
        first = {self.spec.arm: self.spec.reference, "wave": self.spec.reference_wave}.get(name)
        levels = self.variables.levels.get(name, ())
        if name == "wave":
            levels = tuple(code for code in levels if code in self.spec.waves_of_rows) or self.spec.waves_of_rows
        if name == self.spec.arm and not levels:
            levels = (self.spec.reference, self.other_arm)
        return ((first,) if first in levels else ()) + tuple(code for code in levels if code != first)


def explained_model(spec: AnalysisSpec, variables: Variables) -> ExplainedModel:
    """Read the formula of a specification and code its factors.

    Raises
    ------
    ModelError
        If the formula can't be read; a loaded plan has none such.
    """
    formula = parse_formula(spec.formula)
    derived = [name for name, _ in spec.derived]
    variables = replace(
        variables,
        levels={**variables.levels, **dict.fromkeys(derived, ("no", "yes"))},
        joined=variables.joined | set(derived),
    )
    others = [code for code in variables.levels.get(spec.arm, ()) if code != spec.reference]
    model = ExplainedModel(spec, formula, variables, others[0] if others else "other", (), None)
    columns = tuple(_columns(model))
    wanted = {_effect_part(model, name) for name in effect_variables(spec.effect)}
    parts = [{(str(operand), code) for operand, code in column.parts} for column in columns]
    effect = parts.index(wanted) if wanted in parts else None
    return ExplainedModel(spec, formula, variables, model.other_arm, columns, effect)


def _effect_part(model: ExplainedModel, name: str) -> tuple[str, str | None]:
    codes = {model.spec.arm: model.other_arm, "wave": model.spec.followup_wave}
    levels = model.ordered_levels(name) if name in model.factors and name not in codes else ()
    if len(levels) == 2:
        codes[name] = levels[1]
    return name, codes.get(name)


def _columns(model: ExplainedModel) -> list[Column]:
    """Columns by R's rule: contrasts where the term without the factor is also in the model, else all levels."""
    terms = model.formula.fixed_terms
    present = {frozenset(term) for term in terms}
    factors = set(model.factors)
    seen_factor, columns = False, []
    for term in terms:
        choices: list[list[tuple[Operand, str | None]]] = []
        for operand in term:
            if operand.variable not in factors:
                choices.append([(operand, None)])
                continue
            levels = model.ordered_levels(operand.variable)
            full = frozenset(term) - {operand} not in present and not (len(term) == 1 and seen_factor)
            seen_factor = seen_factor or len(term) == 1
            known = levels if full else levels[1:]
            choices.append([(operand, code) for code in known] or [(operand, "...")])
        columns += [Column(tuple(reversed(parts))) for parts in product(*reversed(choices))]
    return columns


def column_name(variable: str) -> str:
    """What code calls a column: a mean of clusters is a variable of its own, such as ``mean_age_team``."""
    part = cluster_part(variable)
    return variable if part is None else re.sub(r"\W+", "_", "_".join((part.kind, part.variable, part.groups[-1])))


def with_terms(model: ExplainedModel, terms: tuple[Term, ...]) -> ExplainedModel:
    """The model with other fixed terms, coded anew."""
    changed = replace(model, formula=replace(model.formula, fixed_terms=terms), columns=(), effect=None)
    return replace(changed, columns=tuple(_columns(changed)))


def term_columns(model: ExplainedModel, term: Term) -> list[int]:
    """Positions of a term's coefficients."""
    wanted = set(term)
    return [at for at, column in enumerate(model.columns) if {operand for operand, _ in column.parts} == wanted]
