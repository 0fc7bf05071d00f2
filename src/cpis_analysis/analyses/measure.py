"""What a number of an analysis measures: files have its name, which is looked up and never taken apart."""

from __future__ import annotations

from dataclasses import dataclass

from cpis_analysis.plan.contrast import SLOPE, STANDARDISED, STANDARDISED_RATIO
from cpis_analysis.plan.outcome_scale import scale_of
from cpis_analysis.plan.specification import AnalysisSpec

ONE_LEVEL, ANOTHER_WAVE = "one level", "another wave"
MEAN, RISK = "mean", "risk"


@dataclass(frozen=True)
class Measure:
    """What a number measures.

    Attributes
    ----------
    name : str
        As `Estimate.measure` has it.
    of : str
        What differs between the arms: ``mean``, ``risk``, or a logarithm; empty for what is no difference of arms,
        such as an interaction, a joint test, slopes, a ratio.
    at : str
        `ONE_LEVEL` or `ANOTHER_WAVE` where it must not stand beside differences for everybody; else empty.
    """

    name: str
    of: str = ""
    at: str = ""

    @property
    def is_difference(self) -> bool:
        """Whether it is a difference between the arms for everybody at the primary wave."""
        return bool(self.of) and not self.at


_OF_SCALES = {
    "odds": "log odds",
    "common_odds": "log cumulative odds",
    "rate": "log rate",
    "hazard": "log hazard",
}
_OTHERS = {
    STANDARDISED_RATIO: "log risk ratio",
    SLOPE: "difference of slopes",
    "interaction": "interaction",
    "joint": "joint test",
}


def measured(name: str) -> Measure:
    """The measure of this name."""
    return _KNOWN.get(name) or Measure(name)


def measure_of(spec: AnalysisSpec, kind: str) -> Measure:
    """What a number of an analysis measures.

    Parameters
    ----------
    spec : AnalysisSpec
    kind : str
        ``difference``, ``held`` (a difference at one level of another variable), ``interaction``, ``joint``, `SLOPE`,
        or those of standardised risks and means.
    """
    if kind in _OTHERS:
        return measured(_OTHERS[kind])
    natural = RISK if spec.outcome_type == "binary" else MEAN
    if kind == STANDARDISED:
        return _difference(natural)
    of = _OF_SCALES.get(scale_of(spec).name, natural)
    # what holds at one level, or at another wave, must not stand beside differences for everybody
    return _difference(of, ONE_LEVEL if kind == "held" else "" if spec.primary_wave else ANOTHER_WAVE)


def _difference(of: str, at: str = "") -> Measure:
    return Measure(f"{of} difference{f' at {at}' if at else ''}", of, at)


_KNOWN = {
    one.name: one
    for one in (
        _difference(of, at) for of in (MEAN, RISK, *_OF_SCALES.values()) for at in ("", ONE_LEVEL, ANOTHER_WAVE)
    )
}
