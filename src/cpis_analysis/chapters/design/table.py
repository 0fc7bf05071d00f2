"""Arms, trusts and teams: who was where, and how many people at each stage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.plan.naming import MANY, counted_noun, is_alone, natural_order, plural
from cpis_analysis.publish.format import DASH, capital, count, is_missing, lower_first, number, percent, scale_digits
from cpis_analysis.publish.sources.sourced_columns import column, how_many, made, rows_of
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.study.cluster_rows import list_column
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.wording import listed


def design_table(clusters: pd.DataFrame, labels: Labels) -> Table:
    """Set the table of clusters by outer cluster, with totals.

    Parameters
    ----------
    clusters : DataFrame
        Summary ``team_list``: trust, team (missing without teams), arm, recruited, the stages of the design, and
        team-level variables. Counts of people by stage are shown as counted.
    labels : Labels
    """
    stages = {"recruited": "Recruited"}
    stages |= {stage: labels.wave(wave) for stage, wave in labels.design.stages.items()}
    known = {"trust", "team", "arm", *stages}
    held = {list_column(name): name for name in labels.design.team_characteristics}
    extra = {str(column): held.get(str(column), str(column)) for column in clusters if column not in known}
    with_teams = labels.design.team is not None
    columns = [Column(capital(labels.team_word), align="left", width=1.8)]
    columns += [Column(labels.variable(labels.design.arm.variable), align="left", width=1.8)]
    columns += [Column(labels.variable(name), width=1.2) for name in extra.values()]
    columns += [Column(label, capital(labels.people), width=1.1) for label in stages.values()]
    columns += [Column("Followed up", capital(labels.people), width=1.1)]

    def row(head: str, part: pd.DataFrame, arm: str, values: list[str], strong: bool = False) -> Row:
        sums = {stage: _total(part[stage]) for stage in stages}
        return Row(
            (head, arm, *values, *map(count, sums.values()), percent(sums["followup"], sums[labels.design.start])),
            strong=strong,
        )

    blank = [""] * len(extra)
    totals = [
        row("All", clusters[clusters["arm"].astype(str) == arm], labels.arm(arm), blank, True)
        for arm in labels.arms(clusters["arm"])
    ]
    totals.append(row("All", clusters, "All", blank, True))
    if not labels.design.levels:
        # the arms are all there is
        alone = [Row(one.cells[1:], strong=place == len(totals) - 1) for place, one in enumerate(totals)]
        return _table([RowGroup("", tuple(alone))], columns[1:], labels)
    if len(clusters) > MANY or labels.design.one_sided is not None:
        parts = {arm: clusters[clusters["arm"].astype(str) == arm] for arm in labels.arms(clusters["arm"])}
        summed = [row(_summed(part, labels), part, labels.arm(arm), blank) for arm, part in parts.items()]
        return _table([RowGroup("", (*summed, row("All", clusters, "All", blank, True)))], columns, labels)
    decimals = {name: _decimals(clusters[name]) for name in extra}
    groups: list[RowGroup] = []
    for trust in _ordered(clusters["trust"], labels.codes(labels.design.trust)):
        part = clusters[clusters["trust"].astype(str) == trust]
        rows = []
        for arm in labels.arms(part["arm"]):
            own = part[part["arm"].astype(str) == arm]
            for place, item in enumerate(rows_of(own)):
                head = labels.inner(item["team"]) if with_teams else labels.trust(trust)
                values = [_value(item[at], name, labels, decimals[at]) for at, name in extra.items()]
                rows.append(row(head, own.iloc[place : place + 1], labels.arm(arm), values))
        if with_teams:
            groups.append(RowGroup(labels.trust_heading(trust), tuple(rows)))
        elif groups:
            groups[0] = RowGroup("", (*groups[0].rows, *rows))
        else:
            groups.append(RowGroup("", tuple(rows)))
    groups.append(RowGroup("Totals", tuple(totals)))
    return _table(groups, columns, labels)


def _total(values: pd.Series) -> Any:
    """The sum of numbers with sources; of very many in one step, as sums of sums would be hundreds deep."""
    return values.sum() if len(values) <= MANY else made("sum", column(values))


def _summed(clusters: pd.DataFrame, labels: Labels) -> str:
    """Clusters of an arm in place of a row each: "60 classes of 3 to 28 people"."""
    places = rows_of(clusters)
    low, high = (pick(places, key=lambda one: one["recruited"])["recruited"] for pick in (min, max))
    sizes = count(low) if low == high else f"{count(low)} to {count(high)}"
    n = how_many(one["recruited"] for one in places)
    noun = labels.team_word
    if labels.design.one_sided is not None:
        noun = labels.design.one_sided.cluster
        if all(is_alone(one["trust"] if labels.design.team is None else one["team"]) for one in places):
            return f"{count(n)} {counted_noun(n, labels.single_person)}"
    return f"{count(n)} {counted_noun(n, noun)} of {sizes} {labels.people}"


def _table(groups: list[RowGroup], columns: list[Column], labels: Labels) -> Table:
    last = lower_first(labels.wave(labels.followup_wave))
    of = (
        "recruited"
        if labels.baseline_wave is None
        else f"{labels.met} at {lower_first(labels.wave(labels.first_wave))}"
    )
    note = f"Followed up: {labels.met} at {last}, per cent of those {of}."
    where = listed(dict.fromkeys(plural(level.noun) for level in labels.design.levels))
    caption = (
        f"Arms, {where}, and {labels.people} at each stage" if where else f"Arms and {labels.people} at each stage"
    )
    return Table("design", caption, tuple(columns), tuple(groups), (note,))


def _ordered(values: pd.Series, known: list[str]) -> list[str]:
    seen = sorted(values.astype(str).unique(), key=natural_order)
    return [code for code in known if code in seen] + [code for code in seen if code not in known]


def _decimals(values: pd.Series) -> int:
    known = values.dropna()
    if not all(isinstance(value, int | float) for value in known) or all(value % 1 == 0 for value in known):
        return 0
    return scale_digits(sd=known.astype(float).std()).level


def _value(value: object, name: str, labels: Labels, decimals: int) -> str:
    if is_missing(value):
        return DASH
    return number(value, decimals) if isinstance(value, int | float) else labels.choice(name, value)


def tables(material: Material) -> Iterator[Table]:
    """The table of the study's clusters."""
    yield design_table(material.summaries["team_list"], material.labels)
