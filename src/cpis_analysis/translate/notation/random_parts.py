"""How R, SAS and Stata write the random part of a model."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.formula.parse import RandomTerm
from cpis_analysis.translate.notation.r_syntax import name_text, operand_text
from cpis_analysis.translate.notation.stata_contrasts import operand_name
from cpis_analysis.translate.notation.stata_syntax import fixed_factors, numbered_groups
from cpis_analysis.translate.notation.translation import ExplainedModel


def r_random(term: RandomTerm) -> str:
    """A random term as lme4 has it."""
    inner = [":".join(operand_text(operand) for operand in part) for part in term.terms if part]
    inner.insert(0, "1" if () in term.terms else "0")
    return f"({' + '.join(inner)} | {':'.join(map(name_text, term.groups))})"


def sas_random(model: ExplainedModel) -> Iterator[str]:
    """RANDOM statements, one a term; effects of one term are correlated, as in lme4."""
    for term in model.formula.random_terms:
        parts = ["intercept" if not part else "*".join(map(operand_name, part)) for part in term.terms]
        together = " type=un" if len(parts) > 1 else ""
        yield f"  random {' '.join(parts)} / subject={_sas_subject(model, term)}{together};"


def _sas_subject(model: ExplainedModel, term: RandomTerm) -> str:
    """Groups of a random term, as SUBJECT= takes them."""
    spec, groups = model.spec, list(term.groups)
    for level in spec.levels[1:]:
        *outer, inner = spec.keys_of(level)
        if set(groups) == {*outer, inner}:
            return f"{inner}({' '.join(outer)})"
    return "*".join(groups)


def stata_levels(model: ExplainedModel) -> tuple[list[str], list[str], list[str]]:
    """Commands that make the identifiers of levels, each once; the levels of `mixed`, outermost first; and notes."""
    made, levels, notes = [], [], []
    for term in sorted(model.formula.random_terms, key=lambda random: _depth(model, random)):
        commands, text, remarks = _stata_level(model, term)
        made += [line for line in commands if line not in made]
        levels.append(text)
        notes += remarks
    return made, levels, notes


def _depth(model: ExplainedModel, term: RandomTerm) -> tuple[int, int]:
    """Where a random term stands among the levels, the outermost first."""
    spec, groups = model.spec, set(term.groups)
    places = [set(spec.keys_of(level)) for level in spec.levels]
    order = [*(found for place in places for found in (place, place | {"wave"})), {spec.participant}]
    return (order.index(groups) if groups in order else -1, len(groups))


def _stata_level(model: ExplainedModel, term: RandomTerm) -> tuple[list[str], str, list[str]]:
    """Commands that make the level's identifier, its part of `mixed`, and notes."""
    spec, groups = model.spec, [name for name in term.groups if name != "wave"]
    identifier, made = numbered_groups(model, groups)
    inner = ["" if not part else "#".join(operand_name(operand) for operand in part) for part in term.terms]
    notes = [
        f"* {term}: Stata takes factors in a random part only as R.factor"
        for part in term.terms
        if any(operand.variable in model.factors for operand in part)
    ]
    if "wave" in term.groups:
        if "wave" not in fixed_factors(model):
            made.append("encode wave, generate(wave_)")
        return made, f"|| {identifier if groups else '_all'}: R.wave_", notes
    known = [*(set(spec.keys_of(level)) for level in spec.levels), {spec.participant}]
    if set(groups) not in known:
        return made, f"|| _all: R.{identifier}", notes
    slopes = " ".join(part for part in inner if part)
    options = "" if () in term.terms else ", noconstant"
    if len(term.terms) > 1:
        options = ", covariance(unstructured)" + ("" if () in term.terms else " noconstant")
    return made, f"|| {identifier}: {slopes}{options}".rstrip(), notes
