"""Variables by which values are imputed and people weighted, against those that the data will have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.plan.schema import Model
from cpis_analysis.study.variables import KnownVariables
from cpis_analysis.study_words import PEOPLE, PERSON


class MissingVariables(PlanProblems):
    """Checks of `imputation`, `weighting` and `balance`, once for each list, templates filled in for every outcome."""

    def __init__(self, plan: Plan, known: KnownVariables) -> None:
        super().__init__(plan.content, plan.document)
        self.known = known

    def variables(self) -> Iterator[Problem]:
        """Every name that no variable has."""
        found: dict[tuple[Path_, str], list[str]] = {}
        for outcome, settings in self.plan.outcomes.items():
            for name in settings.models:
                model = self.plan.model_of(outcome, name)
                change = settings.overrides.get(name)
                for key, names in _lists(model):
                    own = change is not None and key[0] in change.model_fields_set
                    start: Path_ = ("outcomes", outcome, "overrides", name) if own else ("models", name)
                    for position, template in enumerate(names):
                        variable = template.replace("{outcome}", outcome)
                        if variable not in self.known.wide:
                            found.setdefault(((*start, *key, position), variable), []).append(outcome)
        for (path, variable), outcomes in found.items():
            yield self.problem(
                path,
                f"for the outcome{'s' if len(outcomes) > 1 else ''} {', '.join(outcomes)} the data have no such "
                f"variable for each {PERSON}",
                value=variable,
                hint=did_you_mean(variable, self.known.wide)
                or f"name a variable that {PEOPLE} have once, or one with its wave",
            )


def _lists(model: Model) -> list[tuple[tuple[str, str], Sequence[str]]]:
    lists: list[tuple[tuple[str, str], Sequence[str]]] = []
    if model.imputation:
        lists += [(("imputation", key), getattr(model.imputation, key)) for key in ("auxiliary", "ordinal")]
    if model.weighting:
        lists.append((("weighting", "predictors"), model.weighting.predictors))
    if model.balance:
        lists.append((("balance", "variables"), model.balance.variables))
    return lists
