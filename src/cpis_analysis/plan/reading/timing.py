"""Which waves an analysis is about: told from the left side of its formula and from what it adjusts for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cpis_analysis.plan.schema_design import Design
from cpis_analysis.plan.specification import MONTHS


@dataclass(frozen=True)
class Timing:
    """Fields of a specification that say when.

    Attributes
    ----------
    rows : str
        ``long`` where the formula holds the wave, or the months beside the outcome of all waves; else ``wide``.
    baseline_wave : str
        Empty where nobody was seen before the intervention.
    followup_wave : str
        The wave of the left side where it names one, else the primary one.
    waves : tuple of str
        Of long rows, where they are others than baseline and the primary wave; else empty.
    months : tuple of float
        Of those waves, where the formula uses them; else empty.
    """

    rows: str
    baseline_wave: str
    followup_wave: str
    waves: tuple[str, ...]
    months: tuple[float, ...]


def responses(design: Design, outcome: str) -> dict[str, str]:
    """Variables that may stand on the left side, and the wave that each is about.

    The outcome itself (all interviews), its value at a wave, and its change since baseline: ``{outcome}_change`` at
    the primary wave, ``{outcome}_change_{wave}`` at others.
    """
    at_waves = {f"{outcome}_{wave}": wave for wave in design.wave_names}
    return {outcome: design.followup_wave} | at_waves | design.changes_of(outcome)


def timing_of(design: Design, outcome: str, formula: str) -> Timing:
    """Say when an analysis is about, from its formula with the outcome filled in.

    Interviews of all waves are its rows. Where a model of three waves or more adjusts for the outcome at baseline,
    those of baseline are not: there the outcome would be explained by itself.
    """
    left, _, right = formula.partition("~")
    words, named = set(re.findall(r"\w+", right)), set(re.findall(r"\w+", left))
    known, baseline = responses(design, outcome), design.baseline_wave or ""
    followup = next((wave for name, wave in known.items() if name in named), design.followup_wave)
    long = "wave" in words or (MONTHS in words and outcome in named)
    waves: tuple[str, ...] = ()
    if long:
        adjusted = len(design.waves) > 2 and baseline and f"{outcome}_{baseline}" in words
        waves = tuple(name for name in design.wave_names if not (adjusted and name == baseline))
    months = tuple(wave.months for wave in design.waves if wave.name in waves) if MONTHS in words else ()
    usual = waves == (baseline, followup) and not months
    return Timing("long" if long else "wide", baseline, followup, () if usual else waves, months)
