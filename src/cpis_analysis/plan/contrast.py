"""What an estimate compares, as codes. Names and words are made of it; it is never made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from cpis_analysis.formula.effects import effect_variables, wider_terms
from cpis_analysis.formula.parse import Formula, parse_formula
from cpis_analysis.plan.specification import MONTHS, AnalysisSpec

ONE_MORE = "one more"
"""Stands for the levels of a number with which an effect differs."""

BESIDE = "Kenward-Roger"
"""The method of a contrast that stands beside the nearly optimal test of it."""

STANDARDISED, STANDARDISED_RATIO = "standardised", "standardised ratio"
"""Kinds of contrast: of risks or means with everybody analysed in either arm, beside an effect on another scale."""

SLOPE = "change a month"
"""Kind of contrast: of the changes of an outcome by time in months."""


@dataclass(frozen=True)
class Between:
    """By how much a contrast differs with a variable.

    Attributes
    ----------
    variable : str
    last : str
        Code or value, or what more of a number stands for.
    first : str or None
        The code or value against which; None for one unit more of a number.
    """

    variable: str
    last: str
    first: str | None = None


@dataclass(frozen=True)
class Contrast:
    """One contrast of the arms. Codes may hold any character.

    Attributes
    ----------
    kind : str
        ``difference``, ``average`` (of the differences of everybody analysed), ``joint`` (an F test of terms), `SLOPE`,
        or `STANDARDISED` and `STANDARDISED_RATIO`.
    arm, reference : str
        Codes: the arm, less the reference. Of an analysis that was refused `arm` may name several.
    first, last : str
        Waves, where the contrast is one of changes; `last` alone where it is that of one wave; else empty.
    over : tuple of str
        Waves over which it is averaged, in the place of `last`.
    between : tuple of Between
        Variables with which the difference differs: then the contrast is a difference of differences.
    held : tuple of (variable, code or value)
        Where the difference holds; empty if for everybody.
    terms : tuple of str
        Of a joint test.
    beside : str
        The method, where the same contrast stands there by another one as well; else empty.
    """

    kind: str
    arm: str
    reference: str
    first: str = ""
    last: str = ""
    between: tuple[Between, ...] = ()
    held: tuple[tuple[str, str], ...] = ()
    terms: tuple[str, ...] = ()
    beside: str = ""
    over: tuple[str, ...] = ()

    @property
    def arms(self) -> tuple[str, str]:
        """Codes of the arm and of the reference."""
        return self.arm, self.reference

    def __str__(self) -> str:
        """The name by which files know it, such as ``implementation - comparison (gender = female)``."""
        if self.kind == "joint":
            return f"joint test of {' + '.join(self.terms)}"
        last = f"mean of {', '.join(self.over)}" if self.over else self.last
        parts = [f"{last} - {self.first}" if self.first else last if self.over else f"at {last}"] if last else []
        parts += [f"{one.variable}: {one.last}{'' if one.first is None else f' - {one.first}'}" for one in self.between]
        parts += [f"{variable} = {value}" for variable, value in self.held]
        parts += [self.kind] if self.kind in ("average", SLOPE, STANDARDISED, STANDARDISED_RATIO) else []
        parts += [self.beside] if self.beside else []
        return f"{self.arm} - {self.reference}{''.join(f' ({part})' for part in parts)}"


_OPTIONAL = tuple(field for field in fields(Contrast) if field.name not in ("kind", "arm", "reference"))


def arms_compared(spec: AnalysisSpec, other_arm: str) -> Contrast:
    """The arms that an analysis compares; their changes, where the effect is one of change."""
    if spec.months and MONTHS in effect_variables(spec.effect):
        return Contrast(SLOPE, other_arm, spec.reference)
    if "wave" not in effect_variables(spec.effect):
        last = spec.followup_wave if _of_one_wave(spec) else ""
        return Contrast("difference", other_arm, spec.reference, last=last)
    return Contrast("difference", other_arm, spec.reference, first=spec.baseline_wave, last=spec.followup_wave)


def moderators_of(spec: AnalysisSpec) -> list[str]:
    """Variables of the effect beside the arm and time: then it says by how much the difference differs with them."""
    own = {spec.arm, *spec.times}
    return [name for name in effect_variables(spec.effect) if name not in own]


def held_variables(spec: AnalysisSpec, formula: Formula) -> list[str]:
    """Variables that wider terms than the effect hold: it is that of their reference level, or of zero.

    The wave is none of them where the others are coded against the wave that is reported, which the contrast names.
    """
    own = set(effect_variables(spec.effect)) | (set() if spec.has_baseline_rows else {"wave"})
    wider = [operand.variable for term in wider_terms(formula, spec.effect) for operand in term]
    return [name for name in dict.fromkeys(wider) if name not in own]


def at_waves(contrast: Contrast, spec: AnalysisSpec, waves: Sequence[str]) -> Contrast:
    """The same comparison at a wave, or averaged over several: of changes, where the effect is one of change."""
    first = spec.baseline_wave if "wave" in effect_variables(spec.effect) else ""
    kind = "difference" if contrast.kind == SLOPE else contrast.kind
    if len(waves) == 1:
        return replace(contrast, kind=kind, first=first, last=waves[0])
    return replace(contrast, kind=kind, first=first, last="", over=tuple(waves))


def _of_one_wave(spec: AnalysisSpec) -> bool:
    """Whether the arms' coefficient is their difference at the reported wave, against which the others are coded."""
    if spec.rows != "long" or spec.has_baseline_rows:
        return False
    return any("wave" in {o.variable for o in term} for term in wider_terms(parse_formula(spec.formula), spec.effect))


def contrast_to_record(contrast: Contrast) -> dict[str, Any]:
    """Plain values for JSON, without what is empty."""
    record: dict[str, Any] = {"kind": contrast.kind, "arm": contrast.arm, "reference": contrast.reference}
    record |= {field.name: value for field in _OPTIONAL if (value := getattr(contrast, field.name))}
    if contrast.between:
        record["between"] = [[one.variable, one.last, one.first] for one in contrast.between]
    return record


def contrast_from_record(record: Mapping[str, Any]) -> Contrast:
    """Inverse of `contrast_to_record`."""
    made: dict[str, Callable[[Any], Any]] = {
        "between": lambda parts: tuple(Between(*part) for part in parts),
        "held": lambda parts: tuple((variable, value) for variable, value in parts),
        "terms": tuple,
        "over": tuple,
    }
    values: dict[str, Any] = {name: made.get(name, str)(value) for name, value in record.items()}
    return Contrast(**values)
