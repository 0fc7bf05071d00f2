"""`cpis power` for models over several waves: of this study, or of another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.errors import DataError, PlanError, Problem, did_you_mean
from cpis_analysis.operating.over_time.asked import Asked

if TYPE_CHECKING:
    from cpis_analysis.operating.over_time.estimated_truth import EstimatedTruth
    from cpis_analysis.operating.over_time.known_power import KnownPower
    from cpis_analysis.operating.over_time.wave_study import WaveStudy
    from cpis_analysis.plan.reading.load import Plan
    from cpis_analysis.plan.specification import AnalysisSpec


def power_over_time(plan: Plan, specs: Sequence[AnalysisSpec], asked: Asked, terminal: Terminal) -> None:
    """Show standard error, degrees of freedom, power and what four of five studies find of differences over time."""
    from cpis_analysis.operating.over_time.known_power import power_of
    from cpis_analysis.operating.over_time.next_waves import asked_study, model_at
    from cpis_analysis.operating.over_time.simulated_waves import simulate_waves
    from cpis_analysis.operating.tested_effects.cell_rows import EFFECTS, cell_rows

    if not specs:
        raise PlanError(
            "Models over time can't be told.",
            Problem(
                "some arms only have clusters, or the plan has no analysis of its primary outcome",
                hint="list a model under the primary outcome; of clusters in some arms only no power is told",
            ),
        )
    template = specs[0]
    asked.check(len(template.levels))
    differences, effects = asked.differences or ("last",), asked.effects or EFFECTS
    truth = _estimated(plan, specs, asked)
    if asked.another:
        study = asked_study(template, asked, truth)
        fit, waves, unit = model_at(study, template, truth if asked.autocorrelation is None else None)
        terminal.line(_of_design(plan, study, template))
    else:
        if truth is None:
            raise _no_model(specs)
        fit, waves, unit = truth.fit, truth.waves, truth.unit
        terminal.line(_of_data(plan, truth))
    known = power_of(fit, template.arm, waves, differences, template.level, unit)
    rows = [_row(one, effects) for one in known]
    if asked.outcomes is not None:
        tests = simulate_waves(fit, template.arm, waves, differences, asked.outcomes, plan.content.study.seed, unit)
        for row, found in zip(rows, tests, strict=True):
            row["simulated"] = cell_rows(found, template.level, effects)
    _show(terminal, rows, effects, asked.outcomes)
    terminal.json(rows)


def _no_model(specs: Sequence[AnalysisSpec]) -> PlanError:
    from cpis_analysis.operating.over_time.estimated_truth import over_time

    names = ", ".join(one.model for one in over_time(specs))
    hint = "give --waves and --autocorrelation" if not names else f"name one with --model: {names}"
    return PlanError(
        "The covariances over time are not known.",
        Problem("they come from a model over time of the primary outcome, or from options", hint=hint),
    )


def _estimated(plan: Plan, specs: Sequence[AnalysisSpec], asked: Asked) -> EstimatedTruth | None:
    """What a model over time has found, where it is asked for or needed; None where options say everything."""
    from cpis_analysis.operating.over_time.estimated_truth import estimated_truth, over_time
    from cpis_analysis.operating.over_time.next_waves import everything_said
    from cpis_analysis.runs.processed import read_analysis_data

    offered = over_time(specs)
    if asked.model is None and asked.another and everything_said(asked, len(specs[0].levels)):
        return None
    chosen = [one for one in offered if asked.model in (None, one.model)]
    if not chosen:
        if asked.model is not None:
            names = [one.model for one in offered]
            hint = did_you_mean(asked.model, names)
            allowed = ", ".join(names) or "none of the plan's"
            problem = Problem("--model names no model over time", value=asked.model, allowed=allowed, hint=hint)
            raise PlanError("There is no such model.", problem)
        return None
    try:
        data = read_analysis_data(plan.root)
    except DataError:
        if asked.another:
            return None
        raise
    return estimated_truth(chosen[0], data)


def _row(known: KnownPower, effects: Sequence[float]) -> dict[str, Any]:
    """One difference, as JSON has it."""
    return {
        "difference": known.difference,
        "standard_error": known.standard_error,
        "df": known.df,
        **{f"power_{one:g}": known.power(one) for one in effects},
        "detectable_80": known.detectable(),
    }


def _of_design(plan: Plan, study: WaveStudy, template: AnalysisSpec) -> str:
    """Clusters, people and truth of another study, by the plan's names."""
    from cpis_analysis.methods.method import listed
    from cpis_analysis.operating.over_time.estimated_truth import seen_by_wave
    from cpis_analysis.plan.naming import counted_noun, plural

    design, clusters = plan.content.design, study.clusters
    total = int(clusters.sizes().sum())
    seen = ", ".join(str(count) for count in seen_by_wave(study.people(template)))
    people = f"{total} {counted_noun(total, design.people.noun)}, of whom {seen} are seen at waves 1 to {study.waves}"
    nouns = [plural(design.trust_noun), plural(design.team_noun)][: len(study.levels)]
    said = people
    if study.levels:
        each = f" of {clusters.teams} {counted_noun(clusters.teams, design.team_noun)} each"
        trusts = f"{clusters.trusts} {counted_noun(clusters.trusts, design.trust_noun)}"
        said = f"{trusts}{each if design.team else ''}, {people}"
    near, far = study.correlation(-2), study.correlation(0)
    within = f"correlation of the values of {design.people.noun.with_article}"
    shares = [f"{one.variance:.3g} between {noun}" for noun, one in zip(nouns, study.levels, strict=True)]
    stays = [f"{one.stays / one.variance:.2g}" for one in study.levels if one.variance > 0.0]
    lines = [
        f"Shares of the variance at the last wave: {listed(shares)}" if shares else "",
        f"correlation of the effects of clusters at two waves: {listed(list(dict.fromkeys(stays)))}" if stays else "",
        f"{within} at neighbouring waves, the last two: {near:.2g}, and from the first to the last: {far:.2g}",
    ]
    told = "; ".join(line for line in lines if line)
    return f"{said}.\n{told[:1].upper()}{told[1:]}."


def _of_data(plan: Plan, truth: EstimatedTruth) -> str:
    """Who was seen in this study, by the plan's names."""
    from cpis_analysis.plan.naming import counted_noun

    seen = ", ".join(f"{count} at {wave}" for wave, count in zip(truth.waves, truth.seen, strict=True))
    noun = counted_noun(truth.people, plan.content.design.people.noun)
    return f"This study: {truth.people} {noun}, of whom were analysed {seen}. SD at the last wave: {truth.unit:.3g}."


def _show(terminal: Terminal, rows: list[dict[str, Any]], effects: Sequence[float], outcomes: int | None) -> None:
    from cpis_analysis.operating.over_time.wave_study import DIFFERENCES
    from cpis_analysis.publish.format import number

    head = ["difference between the arms", "standard error, SD", "df", *_heads(effects), "80% at, SD"]
    lines = [
        [
            DIFFERENCES[row["difference"]],
            number(row["standard_error"], 3),
            number(row["df"], 1),
            *(number(100 * row[f"power_{one:g}"], 0) for one in effects),
            number(row["detectable_80"], 2),
        ]
        for row in rows
    ]
    terminal.table(head, lines, left=len(head), indent=0)
    if outcomes is None:
        return
    terminal.line(f"Simulated, {outcomes:,} studies:")
    head = ["difference between the arms", "false positives, %", "95% limits", *_heads(effects)]
    lines = [
        [
            DIFFERENCES[row["difference"]],
            number(100 * row["simulated"]["size"], 1),
            f"{number(100 * row['simulated']['size_low'], 1)} to {number(100 * row['simulated']['size_high'], 1)}",
            *(number(100 * row["simulated"][f"power_{one:g}"], 0) for one in effects),
        ]
        for row in rows
    ]
    terminal.table(head, lines, left=len(head), indent=0)


def _heads(effects: Sequence[float]) -> list[str]:
    return [f"power at {one:g} SD, %" for one in effects]
