"""What a plan defines and does not use: no mistake, but worth a sentence."""

from __future__ import annotations

import re

from cpis_analysis.errors import Problem
from cpis_analysis.plan.expression import parse_condition, variables_of
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.yaml_reader import Document

__all__ = ["unused_definitions"]


def unused_definitions(content: PlanFile, document: Document) -> list[Problem]:
    """Populations, lists of covariates and derived variables that no analysis uses.

    A model that no outcome uses is a mistake instead: it was meant to be fitted. A population may stand ready.
    """
    used = [content.model_of(outcome, model) for outcome, part in content.outcomes.items() for model in part.models]
    populations = {model.population for model in used}
    lists = {model.covariates for model in used}
    words = {word for model in used for word in re.findall(r"\w+", model.formula)}
    words |= {word for name in lists if name for term in content.covariates[name] for word in re.findall(r"\w+", term)}
    for name in populations & set(content.populations):
        where = content.populations[name].where
        words |= set(where) if isinstance(where, dict) else set(variables_of(parse_condition(where)))
    found = [
        *((("populations", name), "no model uses this population") for name in content.populations
          if name not in populations),
        *((("covariates", name), "no model uses this list of covariates") for name in content.covariates
          if name not in lists),
        *((("derived", name), "no model or population uses this derived variable") for name in content.derived
          if name not in words),
    ]
    return [Problem(message, file=document.file, line=document.line_of(path), value=path[-1])
            for path, message in found]
