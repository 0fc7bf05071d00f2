"""Further contrasts in SAS: ESTIMATE and CONTRAST statements, whose weights follow the order of the class levels."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from cpis_analysis.formula.parse import Operand, Term
from cpis_analysis.translate.notation.translation import Column, ExplainedModel, column_name, term_columns
from cpis_analysis.translate.notation.wanted_contrasts import Weights, asked_contrasts, weights_of

Cells = dict[Term, dict[tuple[str, ...], float]]


def contrast_statements(model: ExplainedModel) -> tuple[list[str], list[str]]:
    """Statements that stand within PROC MIXED, and notes that stand after it."""
    statements, notes = [], []
    asked = asked_contrasts(model)
    for one in asked:
        rows = weights_of(model, one)
        texts = [_row(model, row) for row in rows] if rows else [None]
        if None in texts:
            notes.append(
                f"/* {_comment(one.name)}: averaged over the people analysed, so its weights depend on the "
                "data; use the R code */"
            )
        elif one.is_joint:
            statements.append(f"  contrast {sas_text(one.name)} {', '.join(map(str, texts))};")
        else:
            statements.append(f"  estimate {sas_text(one.name)} {texts[0]} / cl alpha={1 - model.spec.level:.10g};")
    if statements:
        notes.append(
            "/* weights follow the Class Level Information: codes in alphabetical order, the reference last;\n"
            "   a code without people has no place. Option E shows them */"
        )
    if model.spec.contrasts and not asked:
        notes.append("/* further contrasts: the codes of the moderator are not known beforehand */")
    return statements, notes


def operand_name(operand: Operand) -> str:
    """A variable with its transforms, as the DATA steps call it."""
    name = column_name(operand.variable)
    for function in operand.transforms:
        name = name if function in ("factor", "C") else f"{function}_{name}"
    return name


def _row(model: ExplainedModel, weights: Weights) -> str | None:
    """Weights on SAS's parameters, one for every cell of a term; None where they can't be told."""
    cells: Cells = {}
    for place, weight in weights.items():
        if not _is_difference(model, place):
            return None
        for term, cell, value in _of_column(model, model.columns[place]):
            known = cells.setdefault(term, {})
            known[cell] = known.get(cell, 0.0) + weight * value
    parts = []
    for term in model.formula.fixed_terms:
        if any(cells.get(term, {}).values()):
            values = [cells[term].get(cell, 0.0) for cell in _cells(model, term)]
            parts.append(f"{'*'.join(map(operand_name, term))} {' '.join(f'{value:.10g}' for value in values)}")
    return " ".join(parts)


def _of_column(model: ExplainedModel, column: Column) -> Iterator[tuple[Term, tuple[str, ...], float]]:
    """A coefficient as a difference of cells: its codes less the references, all other factors at the reference."""
    codes = {operand.variable: code for operand, code in column.parts if code is not None}
    numbers = {operand for operand, code in column.parts if code is None}
    for term in model.formula.fixed_terms:
        factors = _factors(model, term)
        if not set(codes) <= set(factors) or {o for o in term if o.variable not in factors} != numbers:
            continue
        for cell in _cells(model, term):
            value = 1.0
            for name, level in zip(factors, cell, strict=True):
                reference = model.ordered_levels(name)[0]
                if name in codes:
                    value *= 1.0 if level == codes[name] else -1.0 if level == reference else 0.0
                else:
                    value *= float(level == reference)
            if value:
                yield term, cell, value


def _is_difference(model: ExplainedModel, place: int) -> bool:
    """Whether a coefficient is coded against reference levels, all of them known."""
    column = model.columns[place]
    term = next(term for term in model.formula.fixed_terms if place in term_columns(model, term))
    own = [model.columns[other] for other in term_columns(model, term)]
    for operand, code in column.parts:
        if code is None:
            continue
        levels = model.ordered_levels(operand.variable)
        if code not in levels or any((operand, levels[0]) in other.parts for other in own):
            return False
    return True


def _factors(model: ExplainedModel, term: Term) -> tuple[str, ...]:
    """Factors of a term in the order of the CLASS statement, by which SAS orders the cells."""
    names = {operand.variable for operand in term}
    return tuple(name for name in model.factors if name in names)


def _cells(model: ExplainedModel, term: Term) -> list[tuple[str, ...]]:
    levels = []
    for name in _factors(model, term):
        known = model.ordered_levels(name)
        levels.append((*sorted(known[1:]), *known[:1]))
    return list(product(*levels))


def sas_text(text: str) -> str:
    """A text as SAS writes it, in double quotes."""
    return '"' + text.replace('"', '""') + '"'


def _comment(text: str) -> str:
    return text.replace("*/", "* /")
