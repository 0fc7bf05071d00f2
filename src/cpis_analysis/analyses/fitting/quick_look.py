"""A formula that is not in the plan as a specification: for a quick look, never for the report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import MISSING, fields, replace

from cpis_analysis.errors import PlanError, Problem
from cpis_analysis.formula.effects import has_term
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.methods import mixed, ols_cr2
from cpis_analysis.methods.nearly_optimal import NEARLY_OPTIMAL
from cpis_analysis.plan.reading.timing import Timing, timing_of
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.plan.specification import AnalysisSpec, OptimalSpec

EXPLORATORY = "exploratory"
"""Name of every analysis that is not in the plan."""


def quick_look(  # noqa: PLR0913  what is fitted, each by its name
    formula: str,
    planned: Sequence[AnalysisSpec],
    *,
    df_method: str = "kenward-roger",
    boundary: str = "keep",
    cluster: str | None = None,
    level: float = 0.95,
    effect: str | None = None,
    optimal: OptimalSpec | None = None,
    design: Design | None = None,
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
    design : Design, optional
        For formulas about other waves than those of the first analysis of the plan.

    Raises
    ------
    ModelError
        If the formula can't be read.
    PlanError
        If the formula has neither the arm nor a named effect.
    """
    parsed = parse_formula(formula)
    model = planned[0]
    response = parsed.response.variable
    waves = "|".join(filter(None, dict.fromkeys([model.baseline_wave, model.followup_wave])))
    waves = "|".join(design.wave_names) if design is not None else waves
    outcome = re.sub(rf"_(({waves})|change(_({waves}))?)$", "", response)
    usual = Timing("long" if "wave" in parsed.variables else "wide", model.baseline_wave, model.followup_wave, (), ())
    when = timing_of(design, outcome, formula) if design is not None else usual
    if effect is None:
        if has_term(parsed, model.arm, "wave"):
            changes = when.baseline_wave and (not when.waves or when.baseline_wave in when.waves)
            effect = f"{model.arm}:wave" if changes else model.arm
        elif has_term(parsed, model.arm):
            effect = model.arm
        else:
            raise PlanError(
                "The formula has no effect to report.",
                Problem(
                    f"the arm ({model.arm}) is not in its fixed part",
                    value=formula,
                    hint="name another term, such as --effect age or --effect 'gender[male]'",
                ),
            )
    if "wave" in parsed.variables and outcome != response:
        raise PlanError(
            "The formula mixes two kinds of rows.",
            Problem(
                "with wave in the formula each measurement is a row, and an outcome of one wave does not fit",
                value=formula,
                hint=f"write {outcome} ~ ... instead of {response} ~ ...",
            ),
        )
    levels = (*model.levels, model.participant)
    if cluster is not None and cluster not in levels:
        raise PlanError(
            "There are no such clusters.",
            Problem("--cluster names no level of the design", value=cluster, allowed=", ".join(levels)),
        )
    defaults = {field.name: field.default for field in fields(AnalysisSpec) if field.default is not MISSING}
    random = bool(parsed.random_terms)
    method = (mixed if random else ols_cr2).METHOD
    optimal = optimal if random else None
    df_method = NEARLY_OPTIMAL.name if optimal else df_method
    return replace(
        model,
        **defaults | {"optimal": optimal, "waves": when.waves, "months": when.months},
        name=EXPLORATORY,
        outcome=outcome,
        model=EXPLORATORY,
        estimator=method.name,
        rows=when.rows,
        followup_wave=when.followup_wave,
        formula=formula,
        effect=effect,
        df_method=df_method if random else method.degrees[0].name,
        boundary=boundary if random else "keep",
        cluster=None if random else cluster or model.levels[0],
        pairs=False,
        population="available",
        where=(),
        level=level,
        baseline=f"{outcome}_{when.baseline_wave}" if when.baseline_wave else None,
        followup=f"{outcome}_{when.followup_wave}",
    )
