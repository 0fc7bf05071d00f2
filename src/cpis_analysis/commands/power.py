"""`cpis power`: what this study could find, and what another one could."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cpis_analysis.commands.power_over_time import power_over_time
from cpis_analysis.commands.shared_options import JsonOption, PlanOption, open_plan
from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.operating.over_time.asked import Asked
from cpis_analysis.study_words import A_PERSON, PEOPLE

if TYPE_CHECKING:
    from cpis_analysis.operating.grid_cell import Cell
    from cpis_analysis.operating.next_study import NextStudy
    from cpis_analysis.plan.reading.load import Plan
    from cpis_analysis.plan.schema_design import Design
    from cpis_analysis.plan.specification import AnalysisSpec
    from cpis_analysis.study.dataset import AnalysisData


class Difference(StrEnum):
    """Which difference over time is the effect."""

    last = "last"
    average = "average"
    change = "change"
    slope = "slope"


class Lies(StrEnum):
    """Where the arm lies."""

    within = "within"
    between = "between"


def power(  # noqa: PLR0913
    upper: Annotated[
        int | None, typer.Option(help="Clusters of the upper level of another study; without it: this study.", min=2)
    ] = None,
    lower: Annotated[
        int | None,
        typer.Option(help="Another study: clusters in each of these, if the plan has two levels; default: 2.", min=1),
    ] = None,
    people: Annotated[
        float | None,
        typer.Option(help="Another study: people in a (lower) cluster; default: as analysed here."),
    ] = None,
    cv: Annotated[
        float | None, typer.Option(help="Another study: coefficient of variation of these; default: as here.")
    ] = None,
    arm: Annotated[
        Lies, typer.Option(help="Another study: whether the arm varies within the upper level.")
    ] = Lies.within,
    loss: Annotated[
        list[float] | None,
        typer.Option(
            help="Share of the people who are lost (beside those who were); with several waves all who are by the last "
            "one, or given once for each wave."
        ),
    ] = None,
    icc_upper: Annotated[
        float | None, typer.Option(help="Share of the variance between the upper clusters; default: as estimated.")
    ] = None,
    icc_lower: Annotated[
        float | None, typer.Option(help="Share between the lower clusters; default: as estimated.")
    ] = None,
    effect: Annotated[list[float] | None, typer.Option(help="True difference in SDs; may be repeated.")] = None,
    outcomes: Annotated[
        int | None,
        typer.Option(
            help="How many outcomes are drawn; default: 2000, none for models over time.", min=100, max=100_000
        ),
    ] = None,
    waves: Annotated[
        int | None, typer.Option(help="Over time: waves of another study; default: those of the model.", max=30)
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="Over time: the plan's model whose estimates are taken; default: the first over time."),
    ] = None,
    difference: Annotated[
        list[Difference] | None,
        typer.Option(help="Over time: which difference between the arms; may be repeated; default: at the last wave."),
    ] = None,
    autocorrelation: Annotated[
        float | None,
        typer.Option(help="Over time: correlation of a person's values at two waves; default: as estimated."),
    ] = None,
    decay: Annotated[
        bool, typer.Option(help="Over time: this correlation is that of neighbours and falls with each step.")
    ] = False,
    cluster_autocorrelation: Annotated[
        float | None,
        typer.Option(help="Over time: correlation of a cluster's effects at two waves; default: as estimated."),
    ] = None,
    plan: PlanOption = Path("config.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Error rates, power and the difference that would be found, by simulation or over time; writes nothing.

    Examples: cpis power · cpis power --upper 12 --lower 2 --people 20 --icc-lower 0.05 --loss 0.2 ·
    cpis power --upper 12 --waves 4 --autocorrelation 0.6 --cluster-autocorrelation 0.8 --difference average
    """
    loaded, terminal = open_plan(plan), Terminal(as_json)
    asked = Asked(
        upper, lower, people, cv, arm.value, tuple(loss or ()), icc_upper, icc_lower, tuple(effect or ()), outcomes,
        waves, model, tuple(one.value for one in difference or ()), autocorrelation, decay, cluster_autocorrelation,
    )  # fmt: skip
    analyses = _analyses(loaded)
    if asked.over_time or (analyses and analyses[0].rows == "long"):
        power_over_time(loaded, analyses, asked, terminal)
        return
    _at_one_wave(loaded, asked, terminal)


def _at_one_wave(loaded: Plan, asked: Asked, terminal: Terminal) -> None:
    """Simulate the headline and its rivals, of one row a person."""
    upper, lower, people, cv, icc_upper, icc_lower = (
        asked.upper, asked.lower, asked.people, asked.cv, asked.icc_upper, asked.icc_lower
    )  # fmt: skip
    outcomes, loss = asked.outcomes or 2000, _one_loss(asked.loss)
    specs = _primary(loaded)
    if upper is not None and not specs[0].levels:
        from cpis_analysis.errors import PlanError, Problem

        raise PlanError(
            "Another study of this design can't be simulated.",
            Problem("--upper asks for clusters, and the plan names none", hint="leave the option out"),
        )
    if specs[0].team is None and (lower is not None or icc_lower is not None):
        from cpis_analysis.errors import PlanError, Problem

        raise PlanError(
            "Another study of this design can't be simulated.",
            Problem(
                "--lower and --icc-lower are about clusters in clusters, and the plan has one level",
                hint="leave them out",
            ),
        )
    data = None if upper is not None and None not in (people, cv) else _data(loaded)
    cell = _cell(loaded, specs[0], icc_upper, icc_lower, loss if upper is None else 0.0)
    from cpis_analysis.operating.choice import headline_and_others
    from cpis_analysis.operating.next_study import NextStudy, next_analyses, next_data
    from cpis_analysis.operating.simulated_cell import simulate_cell
    from cpis_analysis.operating.tested_effects.cell_rows import EFFECTS
    from cpis_analysis.runs.stored_levels import size_levels

    if upper is None:
        simulated, design = headline_and_others(specs), data
    else:
        mean, spread = _sizes(specs[0], data) if data is not None else (0.0, 0.0)
        # of one level each cluster is made of two halves where it has both arms
        each = (lower or 2) if specs[0].team else 2 if asked.arm == Lies.within.value else 1
        halves = 1 if specs[0].team else each
        size = mean if people is None else people
        study = NextStudy(upper, each, size / halves, spread if cv is None else cv, asked.arm, loss)
        design, simulated = next_data(study, specs[0]), next_analyses(specs[0])
        terminal.line(_of_design(study, loaded.content.design, len(design.participants)))
    effects = asked.effects or EFFECTS
    rows = (
        simulate_cell(simulated, design, cell, outcomes, loaded.content.study.seed, effects=effects) if design else []
    )
    _show(terminal, loaded, rows, effects, cell, outcomes)
    terminal.json(size_levels(rows, specs[0].levels))


def _of_design(study: NextStudy, design: Design, n: int) -> str:
    """Clusters and people of another study, by the plan's names."""
    from cpis_analysis.plan.naming import counted_noun

    sizes = study.sizes() if design.team else study.sizes().reshape(study.trusts, -1).sum(axis=1)
    within = f" of {study.teams} {counted_noun(study.teams, design.team_noun)} each" if design.team else ""
    return (
        f"{study.trusts} {counted_noun(study.trusts, design.trust_noun)}{within}, {n} "
        f"{counted_noun(n, design.people.noun)} analysed, {sizes.min()} to {sizes.max()} in "
        f"{design.team_noun.with_article}"
    )


def _one_loss(loss: tuple[float, ...]) -> float:
    """The share that is lost where there is one wave to be lost from."""
    if len(loss) > 1:
        from cpis_analysis.errors import PlanError, Problem

        problem = Problem("--loss is given for each wave, and this is one wave", value=str(len(loss)), hint="give one")
        raise PlanError("The options can't be used.", problem)
    return loss[0] if loss else 0.0


def _analyses(plan: Plan) -> list[AnalysisSpec]:
    from cpis_analysis.operating.choice import primary_analyses

    return primary_analyses(plan)


def _primary(plan: Plan) -> list[AnalysisSpec]:
    from cpis_analysis.errors import PlanError, Problem
    from cpis_analysis.operating.grid_cell import simulable

    specs = _analyses(plan)
    if not simulable(one for one in specs[:1] if one.effect == one.arm):
        raise PlanError(
            "The headline can't be simulated.",
            Problem(
                f"simulations are for continuous outcomes, one row {A_PERSON}, no interaction with the arm, "
                "at most two levels of clusters in every arm, and no parametric bootstrap",
                value=specs[0].name if specs else None,
                hint="put such an analysis first among those of the primary outcome, or reckon by hand: "
                "docs/inference.md",
            ),
        )
    return specs


def _data(plan: Plan) -> AnalysisData:
    from cpis_analysis.runs.processed import read_analysis_data

    return read_analysis_data(plan.root)


def _cell(plan: Plan, spec: AnalysisSpec, icc_upper: float | None, icc_lower: float | None, loss: float) -> Cell:
    """The correlations that are given, and for the rest those that the headline has estimated."""
    from cpis_analysis.errors import DataError, PlanError, Problem
    from cpis_analysis.operating.grid_cell import Cell

    wrong = [
        Problem("a share of the variance", value=f"{value:g}", allowed="from 0 to below 1")
        for value in (icc_upper, icc_lower, loss)
        if value is not None and not 0.0 <= value < 1.0
    ]
    if not wrong and (icc_upper or 0.0) + (icc_lower or 0.0) >= 1.0:
        wrong.append(
            Problem(
                f"the shares of the variance leave nothing for {PEOPLE}", hint="give shares that add up to less than 1"
            )
        )
    if wrong:
        raise PlanError("The options can't be used.", wrong)
    if not spec.levels:
        return Cell(0.0, 0.0, loss)
    if len(spec.levels) == 1:
        icc_lower = 0.0
    if icc_upper is not None and icc_lower is not None:
        return Cell(icc_upper, icc_lower, loss)
    own = _estimated(plan.root / "results" / "estimates.csv", spec)
    if own is None:
        raise DataError(
            "The correlations are not known.",
            Problem(
                "the headline has no estimate of them",
                hint=f"give --icc-upper{' and --icc-lower' if spec.team else ''}, or run the workflow",
            ),
        )
    return replace(
        own,
        icc_trust=own.icc_trust if icc_upper is None else icc_upper,
        icc_team=own.icc_team if icc_lower is None else icc_lower,
        loss=loss,
    )


def _estimated(path: Path, spec: AnalysisSpec) -> Cell | None:
    """The cell at the correlations in the file of estimates, where there is one and it has them."""
    from cpis_analysis.operating.choice import estimated_cell
    from cpis_analysis.runs.stored_frames import read_estimates

    if not path.is_file():
        return None
    found = read_estimates(str(path), spec.levels)
    of_spec = found.loc[found["analysis"] == spec.name, ["icc_trust", "icc_team"]].to_numpy(float)
    return estimated_cell(*map(float, of_spec[0])) if len(of_spec) else None


def _sizes(spec: AnalysisSpec, data: AnalysisData) -> tuple[float, float]:
    from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
    from cpis_analysis.operating.next_study import observed_sizes

    return observed_sizes([cell["n_participants"] for cell in analysis_rows(spec, data).groups(spec)])


def _show(
    terminal: Terminal, plan: Plan, rows: list[dict[str, Any]], effects: tuple[float, ...], cell: Cell, outcomes: int
) -> None:
    from cpis_analysis.methods.method import listed
    from cpis_analysis.operating.simulated_names import comparator_words
    from cpis_analysis.plan.naming import plural
    from cpis_analysis.publish.format import number

    design = plan.content.design
    shares = [f"{cell.icc_trust:.3g} between {plural(design.trust_noun)}"] if design.levels else []
    shares += [f"{cell.icc_team:.3g} between {plural(design.team_noun)}"] if len(design.levels) > 1 else []
    terminal.line(f"{f'Shares of the variance: {listed(shares)}; ' if shares else ''}{outcomes:,} outcomes.")
    head = [
        "analysis",
        "false positives, %",
        "95% limits",
        *(f"power at {one:g} SD, %" for one in effects),
        "80% at, SD",
    ]
    lines = [
        [
            row["model"] + (f": {comparator_words(row['comparator'])}" if row["comparator"] else ""),
            number(100 * row["size"], 1),
            f"{number(100 * row['size_low'], 1)} to {number(100 * row['size_high'], 1)}",
            *(number(100 * row[f"power_{one:g}"], 0) for one in effects),
            number(row["detectable_80"], 2),
        ]
        for row in rows
    ]
    terminal.table(head, lines, left=len(head), indent=0)
