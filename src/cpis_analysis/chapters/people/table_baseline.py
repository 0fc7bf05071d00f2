"""Baseline characteristics of people and teams by arm."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.people.characteristic_rows import (
    NOTE_CATEGORIES,
    NOTE_NUMBERS,
    NOTE_SHORT,
    NOTE_SMD,
    characteristic_rows,
    group_sizes,
)
from cpis_analysis.disclosure.counts import suppression_notes
from cpis_analysis.disclosure.protect import require_protected
from cpis_analysis.disclosure.rounded_counts import rounding_notes
from cpis_analysis.plan.naming import plural
from cpis_analysis.publish.format import (
    DASH,
    capital,
    count,
    is_missing,
    lower_first,
    mean_sd_range,
    part_of,
    scale_digits,
)
from cpis_analysis.publish.sources.ledger import unmarked
from cpis_analysis.publish.sources.sourced_columns import rows_of
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import ALL, Labels, code_text

_SMD = "SMD: absolute standardised difference, of all answers to a question together."


def baseline_table(people: pd.DataFrame, teams: pd.DataFrame, labels: Labels, *, short: bool = False) -> Table:
    """Set the baseline table.

    Parameters
    ----------
    people : DataFrame
        Summary ``baseline`` after `disclosure.protect_characteristics`.
    teams : DataFrame
        Summary ``teams``; may be empty. Counts of teams are not counts of people and are shown as they are.
    labels : Labels
    short : bool
        For the findings: people alone, one row a characteristic. The annex has the whole table.
    """
    people = require_protected(people)
    arms = labels.arms(group for group in people["group"] if group != ALL)
    sizes = group_sizes(people)
    with_smd = len(arms) == 2
    columns = [Column("Characteristic", align="left", width=5.0 if short else 3.0)]
    columns += [Column(f"{labels.arm(arm)} (n = {count(sizes[arm])})", width=1.9) for arm in arms]
    columns += [Column(f"All (n = {count(sizes.get(ALL))})", width=1.9)]
    columns += [Column("SMD", width=0.8)] * with_smd
    minimum = labels.minimum
    shown = [*arms, ALL]
    smd_group = arms[-1] if with_smd else None
    rows = characteristic_rows(people, shown, labels, minimum=minimum, smd_group=smd_group, short=short)
    groups = [
        RowGroup(f"{capital(labels.people)} {labels.met} at {lower_first(labels.wave(labels.first_wave))}", tuple(rows))
    ]
    cluster = labels.team_word
    team_rows = (
        _team_rows(teams, shown, labels, cluster, with_smd) if len(teams) and labels.design.levels and not short else []
    )
    if team_rows:
        groups.append(RowGroup(capital(plural(cluster)), tuple(team_rows)))
    notes = [NOTE_SHORT] if short else [NOTE_NUMBERS, NOTE_CATEGORIES]
    notes += [_SMD if short else NOTE_SMD] * with_smd
    if not labels.content.study.randomised:
        what = "baseline differences" if labels.baseline_wave else "differences in characteristics"
        notes.append(f"{'' if short else 'The groups were not formed at random; '}no tests of {what} are made.")
        notes[-1] = capital(notes[-1])
    hidden = suppression_notes(people["state"], minimum, labels.people)
    if short:
        # of the marks that stand in the rows that are left
        cells = {unmarked(cell) for row in rows for cell in row.cells}
        hidden = tuple(note for note in hidden if unmarked(note).partition(":")[0] in cells)
    caption = (
        "Baseline characteristics by arm" if labels.baseline_wave else f"Characteristics of {labels.people} by arm"
    )
    return Table(
        "baseline" if short else "characteristics",
        caption if short else f"{caption}, in full",
        tuple(columns),
        tuple(groups),
        (*notes, *hidden, *rounding_notes(labels.rounding, labels.people)),
        phone="over",
    )


def _team_rows(teams: pd.DataFrame, groups: list[str], labels: Labels, cluster: str, more: bool) -> list[Row]:
    tail = ("",) * more
    sizes, counts = group_sizes(teams), _counts(labels)
    rows = [Row((f"Number of {plural(cluster)}", *(count(sizes.get(group)) for group in groups), *tail))]
    for variable, part in teams.groupby("variable", sort=False):
        found = {(_code(row["code"]), str(row["group"])): row for row in rows_of(part)}
        if part["kind"].iloc[0] == "number":
            label = counts.get(str(variable))
            label = f"{capital(labels.people)} {label} per {cluster}" if label else labels.variable(str(variable))
            spread = [row["sd"] for row in found.values() if not is_missing(row["sd"])]
            digits = scale_digits(sd=max(spread) if spread else None).level
            whole = variable in counts
            digits = 1 if whole else digits
            rows.append(
                Row(
                    (
                        f"{label}: mean (SD); range",
                        *(_spread(found.get(("", group)), digits, 0 if whole else digits) for group in groups),
                        *tail,
                    )
                )
            )
            continue
        codes = list(dict.fromkeys(code for code, _ in found))
        wanted = ["yes"] if set(codes) == {"yes", "no"} else codes
        if len(wanted) > 1:
            rows.append(Row((labels.variable(str(variable)), *("" for _ in groups), *tail)))
        for code in wanted:
            name = labels.variable(str(variable)) if len(wanted) == 1 else labels.choice(str(variable), code)
            cells = [_of(found.get((code, group))) for group in groups]
            rows.append(Row((name, *cells, *tail), indent=int(len(wanted) > 1)))
    return rows


def _counts(labels: Labels) -> dict[str, str]:
    """Numbers of people of a cluster, in words: recruited, and seen at each stage."""
    found = {"recruited": "recruited"}
    for stage, wave in labels.design.stages.items():
        seen = f"{labels.met} at {lower_first(labels.wave(wave))}"
        found[stage] = "followed up" if stage == "followup" and labels.baseline_wave else seen
    return found


def _spread(row: dict | None, digits: int, ends: int) -> str:
    return DASH if row is None else mean_sd_range(row["mean"], row["sd"], row["low"], row["high"], digits, ends)


def _of(row: dict | None) -> str:
    return DASH if row is None else part_of(row["count"], row["n"])


def _code(value: object) -> str:
    return "" if is_missing(value) else code_text(value)


def tables(material: Material) -> Iterator[Table]:
    """The baseline table in short and in full, where somebody was asked."""
    summaries = material.summaries
    if len(summaries["baseline"]):
        for short in (True, False):
            yield baseline_table(summaries["baseline"], summaries["teams"], material.labels, short=short)
