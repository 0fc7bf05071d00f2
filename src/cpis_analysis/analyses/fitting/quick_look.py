"""A formula that is not in the plan as a specification: for a quick look, never for the report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import MISSING, fields, replace

from cpis_analysis.errors import PlanError, Problem
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.methods import mixed, ols_cr2
from cpis_analysis.methods.nearly_optimal import NEARLY_OPTIMAL
from cpis_analysis.plan.specification import AnalysisSpec, OptimalSpec

__all__ = ["EXPLORATORY", "quick_look"]

EXPLORATORY = "exploratory"
"""Name of every analysis that is not in the plan."""


def quick_look(
    formula: str,
    planned: Sequence[AnalysisSpec],
    *,
    df_method: str = "kenward-roger",
    boundary: str = "keep",
    cluster: str | None = None,
    level: float = 0.95,
    effect: str | None = None,
    optimal: OptimalSpec | None = None,
) -> AnalysisSpec:
    """Resolve a formula with the design of the plan.

    A formula with a random part is fitted as a mixed model, one without by least squares with CR2 by `cluster`.

    Parameters
    ----------
    formula : str
        lme4-style.
    planned : sequence of AnalysisSpec
        Analyses of the plan; the first gives arm, clusters and waves.
    cluster : str, optional
        A level of the design or the person; default: the largest clusters.
    effect : str, optional
        Term to report; default: the arm, with the wave where the formula crosses them.
    optimal : OptimalSpec, optional
        A mixed model gets the nearly optimal test instead of `df_method`.

    Raises
    ------
    ModelError
        If the formula can't be read.
    PlanError
        If the formula has neither the arm nor a named effect.
    """
    parsed = parse_formula(formula)
    model = planned[0]
    fixed = [{operand.variable for operand in term} for term in parsed.fixed_terms]
    if effect is None:
        if {model.arm, "wave"} in fixed:
            effect = f"{model.arm}:wave"
        elif {model.arm} in fixed:
            effect = model.arm
        else:
            raise PlanError(
                "The formula has no effect to report.",
                [
                    Problem(
                        f"the arm ({model.arm}) is not in its fixed part",
                        value=formula,
                        hint="name another term, such as --effect age or --effect 'gender[male]'",
                    )
                ],
            )
    response = parsed.response.variable
    outcome = re.sub(rf"_({model.baseline_wave}|{model.followup_wave}|change)$", "", response)
    if "wave" in parsed.variables and outcome != response:
        raise PlanError(
            "The formula mixes two kinds of rows.",
            [
                Problem(
                    "with wave in the formula each interview is a row, and an outcome of one wave does not fit",
                    value=formula,
                    hint=f"write {outcome} ~ ... instead of {response} ~ ...",
                )
            ],
        )
    levels = (*model.levels, model.participant)
    if cluster is not None and cluster not in levels:
        raise PlanError(
            "There are no such clusters.",
            [Problem("--cluster names no level of the design", value=cluster, allowed=", ".join(levels))],
        )
    defaults = {field.name: field.default for field in fields(AnalysisSpec) if field.default is not MISSING}
    random = bool(parsed.random_terms)
    method = (mixed if random else ols_cr2).METHOD
    optimal = optimal if random else None
    df_method = NEARLY_OPTIMAL.name if optimal else df_method
    return replace(
        model,
        **defaults | {"optimal": optimal},
        name=EXPLORATORY,
        outcome=outcome,
        model=EXPLORATORY,
        estimator=method.name,
        rows="long" if "wave" in parsed.variables else "wide",
        formula=formula,
        effect=effect,
        df_method=df_method if random else method.degrees[0].name,
        boundary=boundary if random else "keep",
        cluster=None if random else cluster or model.levels[0],
        pairs=False,
        population="available",
        where=(),
        level=level,
        baseline=f"{outcome}_{model.baseline_wave}",
        followup=f"{outcome}_{model.followup_wave}",
    )
