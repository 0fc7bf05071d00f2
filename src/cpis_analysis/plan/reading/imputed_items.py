"""Scores of an analysis whose items are imputed: which, at which waves, and what makes them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cpis_analysis.errors import CpisError
from cpis_analysis.imputation.item_score import ItemScore
from cpis_analysis.instruments.imputable_items import answer_columns, imputable_rules
from cpis_analysis.instruments.item_rules import ItemRule
from cpis_analysis.instruments.settings import ScorePlan, resolve
from cpis_analysis.methods.handling import IMPUTED
from cpis_analysis.plan.schema import Model, PlanFile
from cpis_analysis.plan.specification import AnalysisSpec


def asks_for_items(model: Model) -> bool:
    """Whether a model has items imputed."""
    return model.missing == IMPUTED.name and model.imputation is not None and model.imputation.items


def score_entries(plan: PlanFile) -> dict[str, ScorePlan]:
    """By score column, the entry of the scoring settings that gives it; entries with mistakes are left out."""
    found: dict[str, ScorePlan] = {}
    for name, settings in plan.scoring_settings().items():
        try:
            (entry,) = resolve({name: settings})
        except CpisError:
            continue
        found |= {info.name: entry for info in entry.infos}
    return found


def scored_waves(plan: PlanFile, outcome: str, formula: str, auxiliary: Iterable[str]) -> tuple[str, ...]:
    """Waves at which an analysis or its imputation uses the outcome; both ends where it uses a change."""
    design = plan.design
    words = {word for text in (formula, *auxiliary) for word in re.findall(r"\w+", text)}
    of_changes = {wave for change, wave in design.changes_of(outcome).items() if change in words}
    if of_changes and design.baseline_wave:
        of_changes.add(design.baseline_wave)
    return tuple(wave for wave in design.wave_names if f"{outcome}_{wave}" in words or wave in of_changes)


def item_scores(plan: PlanFile, outcome: str, formula: str, auxiliary: Iterable[str]) -> tuple[ItemScore, ...]:
    """The scores of an analysis with their items, by wave; none where the outcome's items can't be imputed."""
    entry = score_entries(plan).get(outcome)
    rule = imputable_rules(entry).get(outcome) if entry else None
    if entry is None or rule is None:
        return ()
    names = answer_columns(entry)
    return tuple(
        _item_score(f"{outcome}_{wave}", tuple(f"{names[item]}_{wave}" for item in rule.scale.items), rule)
        for wave in scored_waves(plan, outcome, formula, auxiliary)
    )


def answers_kept(plan: PlanFile, specs: Iterable[AnalysisSpec]) -> dict[str, list[str]]:
    """Entries of the scoring settings whose answers imputations need in the analysis data, with the waves in order."""
    entries, waves = score_entries(plan), dict[str, set[str]]()
    for spec in specs:
        for one in spec.imputation.scores if spec.imputation else ():
            name = entries[spec.outcome].name
            waves.setdefault(name, set()).add(one.score.removeprefix(f"{spec.outcome}_"))
    return {name: [wave for wave in plan.design.wave_names if wave in waves[name]] for name in sorted(waves)}


def _item_score(score: str, items: tuple[str, ...], rule: ItemRule) -> ItemScore:
    return ItemScore(
        score, items, rule.low, rule.high, rule.weights, rule.constant, rule.divisor, tuple(map(float, rule.conversion))
    )
