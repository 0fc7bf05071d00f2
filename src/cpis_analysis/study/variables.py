"""Which variables the analysis data will have, known from plan and dictionary before any data are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cpis_analysis.instruments import ITEMS_MISSING, required_items, score_infos
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.specification import MONTHS


@dataclass(frozen=True)
class KnownVariables:
    """Names that a formula or the plan may use, each with its type.

    Attributes
    ----------
    wide : dict of str to str
        Variables of the data with one row a participant.
    long : dict of str to str
        Variables of the data with one row an interview.
    measured : dict of str to tuple of str
        Interview variables and scores, with the waves at which they are asked.
    """

    wide: dict[str, str]
    long: dict[str, str]
    measured: Mapping[str, tuple[str, ...]]


def known_variables(plan: PlanFile, dictionary: Dictionary) -> KnownVariables:
    """List the variables that the analysis data set will have.

    1. People: variables without waves of the forms that are neither teams nor themes, and the design's own.
    2. Characteristics: unsuffixed, from the first wave.
    3. Measured: interview variables that are not items, scores, and of each score how many of its items are missing
       (``rguk_items_missing``); ``name_wave`` in the wide data. A score is known at the waves where its first item is
       asked.
    4. ``name_change`` for what is measured at baseline and at the primary wave, ``name_change_wave`` at another, but
       numbers of missing items; ``has_wave`` for each wave.
    5. Binary outcomes that are made of another variable's answers, derived variables, and ``in_LEVEL`` where the
       clusters of a level are in some arms only.
    """
    design, settings = plan.design, plan.scoring_settings()
    items = required_items(settings)
    hidden = {item for names in items.values() for item in names} - set(plan.outcomes)
    scores = {
        column: dictionary[names[0]].waves
        for score, names in items.items()
        for column in score_infos({score: settings[score]})
        if names and names[0] in dictionary
    }
    other = _themes_only(plan, dictionary)
    people = {v.name: v.type for v in dictionary.values() if not v.waves and v.name not in other}
    measured = {v.name: v.waves for v in dictionary.values() if v.waves and v.name not in hidden} | scores
    types = {v.name: v.type for v in dictionary.values()} | dict.fromkeys(scores, "number")
    missing = {f"{name}{ITEMS_MISSING}": waves for name, waves in scores.items()}
    measured |= missing
    types |= dict.fromkeys(missing, "integer")
    events = {name: part.variable for name, part in plan.outcomes.items() if part.variable in measured}
    measured |= {name: measured[variable] for name, variable in events.items()}
    # what is known once of a person, such as how a pregnancy ended, stands at the primary wave
    once = [name for name, part in plan.outcomes.items() if part.variable in people]
    measured |= dict.fromkeys(once, (design.followup_wave,))
    types |= dict.fromkeys([*events, *once], "number")
    fixed = people | {name: types[name] for name in design.characteristics if name in types}
    wide = dict(fixed)
    for name, asked in measured.items():
        if name in fixed:
            continue
        wide |= {f"{name}_{wave}": types[name] for wave in asked}
        if design.baseline_wave in asked and name not in missing:
            changes = design.changes_of(name).items()
            wide |= {change: "number" for change, wave in changes if wave in asked}
    wide |= {f"has_{wave}": "yesno" for wave in design.wave_names}
    derived = dict.fromkeys(plan.derived, "yesno")
    if design.one_sided is not None:
        derived[design.one_sided.indicator] = "number"
    wide |= derived
    long = {"wave": "category", MONTHS: "number", **fixed, **{name: types[name] for name in measured}, **derived}
    return KnownVariables(wide=wide, long=long, measured=measured)


def _themes_only(plan: PlanFile, dictionary: Dictionary) -> set[str]:
    """Variables of focus-group themes, which describe neither people nor teams."""
    design = plan.design
    own = {design.participant, design.arm.variable, *design.clusters}
    themes = {name for name, source in plan.data.sources.items() if source.kind == "themes"}
    return {v.name for v in dictionary.values() if v.form in themes and v.name not in own}
