"""Differences between the arms in answers to the experience questions: dots with intervals, in percentage points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.experience.answers import (
    INTERVAL_LEVEL,
    Difference,
    differences_of,
    is_yes_no,
    one_of_each_pair,
)
from cpis_analysis.chapters.pending_exhibit import FigureOrder, order
from cpis_analysis.disclosure.protect import require_protected
from cpis_analysis.plan.contrast import Contrast
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import count, degrees, level_words, percent
from cpis_analysis.publish.pen.forest import ForestPlot, ForestRow
from cpis_analysis.publish.pen.style import Figure
from cpis_analysis.publish.sources.sourced_columns import column_of, made, rows_of
from cpis_analysis.words.contrast_words import words_of_contrast
from cpis_analysis.words.labels import ALL, Labels, code_text


def drawn_differences(differences: pd.DataFrame) -> dict[tuple[str, str, str], Difference]:
    """Differences that have an interval, by question, answer and arm; of two answers to a question one."""
    return {key: one for key, one in one_of_each_pair(differences_of(differences)).items() if one.low is not None}


def draw_experience(differences: pd.DataFrame, experience: pd.DataFrame, arm: str, labels: Labels) -> Figure:
    """Draw the differences of one arm from the reference.

    Parameters
    ----------
    differences : DataFrame
        Summary ``differences`` after `disclosure_differences.protect_differences`.
    experience : DataFrame
        Summary ``experience`` after `disclosure.protect_experience`.
    arm : str
        The arm that is compared with the reference.
    labels : Labels

    Raises
    ------
    ValueError
        If no difference has an interval.
    """
    found = {key: one for key, one in drawn_differences(differences).items() if key[2] == arm}
    if not found:
        raise ValueError("no difference has an interval")
    frame = require_protected(experience)
    frame = frame[frame["trust"] == ALL]
    codes = {str(name): {code_text(code) for code in part["code"]} for name, part in frame.groupby("variable")}
    arms = (labels.design.arm.reference, arm)
    rows, said = [], []
    for (variable, code, _), one in found.items():
        answer = "" if is_yes_no(codes[variable]) else f", {labels.choice_within(variable, code)}"
        name = f"{labels.variable(variable)}{answer}"
        shares = [_share(frame, variable, code, group) for group in arms]
        rows.append(ForestRow(name, "", one.estimate, one.low, one.high, (*shares, one.text)))
        said.append(f"{name}: {shares[0]} and {shares[1]}, difference {one.text}, df {degrees(one.df)}")
    level, contrast = level_words(INTERVAL_LEVEL), words_of_contrast(Contrast("difference", arm, arms[0]), labels)
    alt = (
        f"Dot plot of differences in the percentage that gave an answer ({contrast}) with {level} confidence intervals "
        f"in percentage points, one row an answer; the percentages are those of {labels.arm(arms[0])} and "
        f"{labels.arm(arm)}. {'. '.join(said)}."
    )
    every = one_of_each_pair(differences_of(differences))
    missing = [key for key in every if key[2] == arm and key not in found]
    keys = [(str(row["variable"]), code_text(row["code"]), str(row["group"])) for row in rows_of(differences)]
    left_out = made("length", column_of(differences[[key in missing for key in keys]], "variable"))
    note = "Not tested and not adjusted; of questions with two answers one is drawn."
    if left_out:
        note += f" Without {count(left_out)} {'answer' if left_out == 1 else 'answers'} that have no interval."
    reference, other = (labels.arm_within(group) for group in arms)
    return ForestPlot(
        rows,
        (*(labels.arm(group) for group in arms), f"Difference ({level} CI)"),
        id=_id(arm, labels),
        title="Experience of support: differences between the arms",
        alt=alt,
        axis_label=f"Difference in percentage points ({contrast})",
        sides=(f"more often in {reference}", f"more often in {other}"),
        synthetic=labels.synthetic,
        note=note,
        label_width=160.0,
    ).draw()


def _id(arm: str, labels: Labels) -> str:
    """That of the figure; among several arms with the code, or the arm's place where an id can't hold the code."""
    arms = labels.arms()
    if len(arms) <= 2:
        return "experience"
    plain = arm.replace("_", "-")
    return f"experience-{plain}" if plain == slug(arm) else f"experience-arm-{arms.index(arm) + 1}"


def _share(frame: pd.DataFrame, variable: str, code: str, group: str) -> str:
    row: Mapping[str, int] = frame[
        (frame["variable"] == variable) & (frame["code"].map(code_text) == code) & (frame["group"] == group)
    ].iloc[0]
    return percent(row["count"], row["n"])


def figures(material: Material) -> Iterator[FigureOrder]:
    """The answers, one figure for each comparison of arms."""
    summaries = material.summaries
    if "differences" in summaries:
        answers, counted = summaries["differences"], summaries["experience"]
        for arm in dict.fromkeys(key[2] for key in drawn_differences(answers)):
            yield order(draw_experience, answers, counted, arm, labels=material.labels, outcomes=())
