"""The plan -> one specification for each outcome and model."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from typing import Any

from cpis_analysis.errors import CpisError
from cpis_analysis.formula.effects import effect_variables, has_term
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.methods import method_of, methods
from cpis_analysis.methods.balancing import balancing_of
from cpis_analysis.methods.handling import IMPUTED, WEIGHTED
from cpis_analysis.plan.condition_parser import parse_condition
from cpis_analysis.plan.expression import variables_of
from cpis_analysis.plan.outcome_scale import Scale, judged_on, scale_named, scale_of_formula
from cpis_analysis.plan.reading.imputed_items import item_scores
from cpis_analysis.plan.reading.timing import Timing, timing_of
from cpis_analysis.plan.schema import Contrast, Model, Outcome, PlanFile
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.plan.schema_missing import Imputation
from cpis_analysis.plan.specification import AnalysisSpec, BalanceSpec, ContrastSpec, ImputationSpec, OptimalSpec


def specifications(plan: PlanFile) -> list[AnalysisSpec]:
    """Every analysis: outcomes in their order (primary first), and for each its models as listed."""
    return [specification(plan, outcome, model) for outcome, part in plan.outcomes.items() for model in part.models]


def specification(plan: PlanFile, outcome: str, model: str) -> AnalysisSpec:
    """Resolve one outcome x model: templates filled in, overrides applied, names looked up."""
    design, about = plan.design, plan.outcomes[outcome]
    part = plan.model_of(outcome, model)
    formula = filled_formula(plan, part, outcome)
    when = timing_of(design, outcome, formula)
    where = plan.populations[part.population].where if part.population in plan.populations else {}
    condition = _canonical(where) if isinstance(where, str) else ""
    used = set(re.findall(r"\w+", formula)) | {variable for variable, _ in _mapping(where)}
    used |= set(variables_of(parse_condition(condition))) if condition else set()
    method = method_of(part)
    degrees = method.degrees_for(part.df)
    return AnalysisSpec(
        name=f"{outcome}.{model}",
        outcome=outcome,
        model=model,
        estimator=part.estimator,
        rows=when.rows,
        formula=formula,
        effect=part.effect or design.arm.variable,
        df_method=degrees.name,
        population=part.population,
        where=_mapping(where),
        level=part.level,
        arm=design.arm.variable,
        reference=design.arm.reference,
        levels=tuple(level.variable for level in design.levels),
        participant=design.participant,
        baseline_wave=when.baseline_wave,
        followup_wave=when.followup_wave,
        baseline=f"{outcome}_{when.baseline_wave}" if when.baseline_wave else None,
        followup=f"{outcome}_{when.followup_wave}",
        condition=condition,
        derived=tuple((name, _canonical(plan.derived[name].where)) for name in sorted(plan.derived) if name in used),
        contrasts=tuple(
            ContrastSpec(
                one.kind, tuple(term.replace("{outcome}", outcome) for term in one.terms), one.moderator, tuple(one.at)
            )
            for one in _contrasts(part, design, formula, when)
        ),
        outcome_type=about.type,
        low=_bounds(about)[0],
        high=_bounds(about)[1],
        optimal=_optimal(plan, outcome, formula) if degrees.of_contrast else None,
        exposure=_with_time(about, when.followup_wave, method.takes_exposure),
        missing=part.missing,
        imputation=_imputation(plan, part, outcome, formula) if part.missing == IMPUTED.name else None,
        **_weighting(part, outcome),
        estimand=part.estimand or "",
        primary_arm=design.arm.first,
        waves=when.waves,
        months=when.months,
        primary_wave=when.followup_wave == design.followup_wave,
        leave_one_out=part.leave_one_out,
        balance=_balance(part, outcome),
        **_tipping(about, model),
        **(_own_keys(part) | {"family": method.family_of(part, about.type)}),
    )


def _contrasts(model: Model, design: Design, formula: str, when: Timing) -> list[Contrast]:
    """The contrasts of a model; of arm by wave over several waves each wave's difference and their average as well."""
    arm, effect = design.arm.variable, set(effect_variables(model.effect or design.arm.variable))
    parsed = parse_formula(formula) if len(when.waves) > 1 and method_of(model).contrasts else None
    crossed = parsed is not None and has_term(parsed, arm, "wave")
    asked = {one.kind for one in model.contrasts}
    several = crossed and effect <= {arm, "wave"}
    return [
        *(Contrast(kind=kind) for kind in ("by_wave", "average") if several and kind not in asked),
        *model.contrasts,
    ]


def scale_of_model(plan: PlanFile, outcome: str, model: str) -> Scale:
    """The scale on which a model reports an outcome."""
    part, about = plan.model_of(outcome, model), plan.outcomes[outcome]
    method = method_of(part)
    name = method.scales.get(method.family_of(part, about.type))
    return scale_named(name) if name else scale_of_formula(filled_formula(plan, part, outcome), about.type == "binary")


def _with_time(about: Outcome, wave: str, rates: bool) -> str:
    """The variable with the time of an event, or in which a count was made."""
    name = about.time or (about.exposure if rates else None)
    return f"{name}_{wave}" if name else ""


def _bounds(about: Outcome) -> tuple[float | None, float | None]:
    """Ends of a bounded count, and places of the first and the last answer in order."""
    if about.type == "ordinal":
        return 0.0, float(len(about.categories) - 1)
    return (about.low, about.high) if about.type == "bounded_count" else (None, None)


def _own_keys(model: Model) -> dict[str, Any]:
    """Keys that not every estimator takes, as the specification has them: those of others at what stands for none."""
    method, keys = method_of(model), {key for one in methods() for key in one.keys}
    return {name: method.own(model, name, absent) for name, absent in _ABSENT if name in keys}


_ABSENT = tuple(
    (one.name, Model.model_fields[one.name].default if one.default is MISSING else one.default)
    for one in fields(AnalysisSpec)
    if one.default is not MISSING or one.name in Model.model_fields
)
"""Settings with what stands for none, for keys that an estimator does not take."""


def _tipping(about: Outcome, model: str) -> dict[str, Any]:
    asked = about.tipping_point
    if asked is None or model not in (asked.models or about.models[:1]):
        return {}
    return {"tipping_point": True, "shifts": tuple(asked.deltas), "important": about.minimal_important_difference}


def _imputation(plan: PlanFile, model: Model, outcome: str, formula: str) -> ImputationSpec:
    asked = model.imputation or Imputation()
    auxiliary = _named(asked.auxiliary, outcome)
    return ImputationSpec(
        auxiliary=auxiliary,
        ordinal=_named(asked.ordinal, outcome),
        covariates_only=asked.completes == "covariates",
        by_arm=asked.by_arm,
        degrees_of_freedom=asked.degrees_of_freedom,
        p_value_error=asked.p_value_error,
        fewest=asked.fewest,
        most=asked.most,
        scores=item_scores(plan, outcome, formula, auxiliary) if asked.items else (),
    )


def _weighting(model: Model, outcome: str) -> dict[str, Any]:
    asked = model.weighting
    if asked is None or model.missing != WEIGHTED.name:
        return {}
    return {"predictors": _named(asked.predictors, outcome), "predictors_by_arm": asked.by_arm}


def _balance(model: Model, outcome: str) -> BalanceSpec | None:
    asked = model.balance
    if asked is None:
        return None
    target = asked.target or next(iter(balancing_of(asked).targets), "")
    return BalanceSpec(asked.method, _named(asked.variables, outcome), target)


def _named(templates: list[str], outcome: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.replace("{outcome}", outcome) for name in templates))


def _optimal(plan: PlanFile, outcome: str, formula: str) -> OptimalSpec:
    judged = judged_on(plan.outcomes[outcome], scale_of_formula(formula))
    return OptimalSpec(plan.inference.largest_ratio, plan.inference.typical_ratio, judged.low, judged.high)


def filled_formula(plan: PlanFile, model: Model, outcome: str) -> str:
    """A model's formula with covariates and outcome in the place of their names in braces.

    An empty list of covariates becomes 1, the intercept that is there anyway.
    """
    terms = plan.covariates.get(model.covariates, []) if model.covariates else []
    return model.formula.replace("{covariates}", " + ".join(terms) or "1").replace("{outcome}", outcome)


def _mapping(where: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(where, dict):
        return ()
    return tuple((name, tuple([codes] if isinstance(codes, str) else codes)) for name, codes in sorted(where.items()))


def _canonical(text: str) -> str:
    """Spaces and needless brackets of a condition refit nothing."""
    try:
        return str(parse_condition(text))
    except CpisError:
        return text
