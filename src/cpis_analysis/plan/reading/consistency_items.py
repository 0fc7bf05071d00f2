"""Checks of imputed items: of which outcomes there are any, and what else a model may then use."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.instruments.imputable_items import imputable_rules
from cpis_analysis.instruments.item_rules import ItemRule
from cpis_analysis.instruments.settings import ITEMS_MISSING, ScorePlan, check_settings
from cpis_analysis.plan.reading.imputed_items import asks_for_items, score_entries, scored_waves
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.resolve import filled_formula
from cpis_analysis.plan.reading.yaml_reader import Path_

_TYPES = ("continuous", "bounded_count")


class ItemChecks(PlanProblems):
    """Checks of ``imputation: {items: true}``, for each outcome that uses the model."""

    def outcomes(self) -> Iterator[Problem]:
        """Every reason why an outcome's items can't be imputed; of scoring settings with mistakes nothing is said."""
        if check_settings(self.plan.scoring_settings()):
            return
        entries = score_entries(self.plan)
        for outcome, part in self.plan.outcomes.items():
            for position, name in enumerate(part.models):
                if name in self.plan.models and asks_for_items(self.plan.model_of(outcome, name)):
                    path: Path_ = ("outcomes", outcome, "models", position)
                    yield from self.of_outcome(path, outcome, name, entries)

    def of_outcome(self, path: Path_, outcome: str, name: str, entries: dict[str, ScorePlan]) -> Iterator[Problem]:
        entry, hint = entries.get(outcome), "leave out items: true; the score is then imputed itself"
        if entry is None:
            yield self.problem(path, "items can't be imputed: the outcome is no score of items", value=name, hint=hint)
            return
        rule = imputable_rules(entry).get(outcome)
        if rule is None:
            yield self.problem(
                path,
                f"items can't be imputed: the score of {entry.instrument.label} is no sum, mean or table of sums of "
                "items that everybody is asked",
                value=name,
                hint=hint,
            )
            return
        kind = self.plan.outcomes[outcome].type
        if kind not in _TYPES:
            said = f"items can't be imputed of an outcome of type {kind}"
            yield self.problem(path, said, value=name, allowed=" or ".join(_TYPES), hint=hint)
        yield from self.of_model(path, outcome, name, rule, entries)

    def of_model(
        self, path: Path_, outcome: str, name: str, rule: ItemRule, entries: dict[str, ScorePlan]
    ) -> Iterator[Problem]:
        """What formula and lists of the imputation may not have; of formulas with mistakes nothing is said."""
        hint, model = "leave out items: true; the score is then imputed itself", self.plan.model_of(outcome, name)
        formula = filled_formula(self.plan, model, outcome)
        try:
            parsed = parse_formula(formula)
        except ModelError:
            return
        named = [one.replace("{outcome}", outcome) for one in (model.imputation.auxiliary if model.imputation else ())]
        waves = scored_waves(self.plan, outcome, formula, named)
        if not waves:
            yield self.problem(path, "the model has no score of the outcome at a wave", value=name, hint=hint)
        if "log" in parsed.response.transforms and rule.bounds[0] <= 0.0:
            yield self.problem(
                path,
                "items may make a score of 0 or less, which has no logarithm",
                value=name,
                hint="use log1p, or leave out items: true",
            )
        ordered = [one.replace("{outcome}", outcome) for one in (model.imputation.ordinal if model.imputation else ())]
        for variable in ordered:
            if variable in {f"{outcome}_{wave}" for wave in waves}:
                said = f"{variable} is computed from imputed items, so it can't be imputed as answers in order"
                yield self.problem(path, said, value=name, hint="leave it out of ordinal, or leave out items: true")
        own = {(item, wave) for item in rule.scale.items for wave in waves}
        for variable in dict.fromkeys([*parsed.sources, *named]):
            other, answers = self.made_of(variable, entries)
            if other != outcome and own & answers:
                yield self.problem(
                    path,
                    f"{variable} is made of answers that are imputed here, and would contradict them",
                    value=name,
                    hint="leave it out of model and auxiliary, or leave out items: true",
                )

    def made_of(self, variable: str, entries: dict[str, ScorePlan]) -> tuple[str, set[tuple[str, str]]]:
        """The score or item of which a wide variable is a value, and the (item, wave) that it is made of."""
        design = self.plan.design
        waves = {wave: (wave,) for wave in design.wave_names}
        for name, entry in entries.items():
            items = entry.instrument.required(entry.values)
            ends = {change: (wave, str(design.baseline_wave)) for change, wave in design.changes_of(name).items()}
            for made in (name, f"{name}{ITEMS_MISSING}"):
                at = ends | {f"{made}_{wave}": one for wave, one in waves.items()}
                if variable in at:
                    return made, {(item, wave) for item in items for wave in at[variable]}
        for wave in waves:
            if variable.endswith(f"_{wave}"):
                item = variable.removesuffix(f"_{wave}")
                return item, {(item, wave)}
        return variable, set()
