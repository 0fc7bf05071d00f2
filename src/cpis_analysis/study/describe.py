"""The analysis data in summary: unrounded numbers by arm, wave, team and trust; no models, no layout."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.study.characteristics import characteristics, cluster_characteristics, retention
from cpis_analysis.study.cluster_rows import list_column, team_frame
from cpis_analysis.study.coding import code_of, codes_of
from cpis_analysis.study.experience import experience_counts
from cpis_analysis.study.missingness import interview_missingness, item_missingness, variable_missingness
from cpis_analysis.study.outcome_summaries import outcome_summary, team_means, team_risks
from cpis_analysis.study.singled_out import singled_out_counts
from cpis_analysis.study.study_dates import study_dates
from cpis_analysis.study.themes import theme_summaries


def summaries(
    content: PlanFile,
    participants: pd.DataFrame,
    *,
    themes: pd.DataFrame | None = None,
    interviews: pd.DataFrame | None = None,
    items: Mapping[str, Sequence[str]] | None = None,
    binary: Collection[str] = (),
    seed: int = 0,
    occasion: str = "interview",
) -> dict[str, pd.DataFrame]:
    """Every summary that the tables and figures need.

    Parameters
    ----------
    content : PlanFile
        Names of arms, clusters, waves, characteristics, outcomes and experience questions.
    participants : DataFrame
        Analysis data, wide.
    themes : DataFrame, optional
        Clean focus-group codings.
    interviews : DataFrame, optional
        Clean interviews with items, for the answers missing from each instrument.
    items : mapping, optional
        Score -> its item columns.
    binary : collection of str
        Binary outcomes: their events are counted, by arm and by team; the baseline table leaves them out.
    seed : int
        Of the study, for intervals that are resampled.
    occasion : str
        What people have at a wave: an interview, or a measurement.

    Returns
    -------
    dict of str to DataFrame
        ``baseline`` (people interviewed at the first wave, by arm), ``teams`` (clusters by arm), ``team_list``,
        ``retention``, ``outcomes``, ``team_means``, ``team_risks``, ``missing``, ``experience``, ``singled_out``,
        ``dates`` and those of `study.themes`; a frame without rows where the study has nothing of the kind.
    """
    design = content.design
    arm, levels = design.arm.variable, list(design.clusters)
    waves = list(design.wave_names)
    outcomes = list(content.outcomes)
    arms = _arm_order(participants[arm], design.arm.reference)
    interviewed = participants[participants[f"has_{waves[0]}"].astype(bool)]
    scores = [name for name in outcomes if name not in binary]
    at_baseline = [own for name in scores if (own := f"{name}_{design.baseline_wave}") in participants]
    listed = [*design.characteristics, *at_baseline]
    clusters = team_frame(participants, arm, levels, design.stages, design.team_characteristics)
    known = {list_column(name): name for name in design.team_characteristics}
    described = cluster_characteristics(
        clusters if levels else clusters.iloc[:0], ["recruited", *design.stages], list(known), arms
    )
    missing = [
        interview_missingness(participants, arm, waves, occasion),
        variable_missingness(participants, arm, waves, outcomes, design.characteristics),
    ]
    if interviews is not None and items:
        placed = interviews.drop(columns=[arm], errors="ignore").merge(
            participants[[design.participant, arm]], on=design.participant, how="inner", validate="many_to_one"
        )
        # people set as many goals as they wish, so an absent goal is not a missing answer
        asked = {name: columns for name, columns in items.items() if _instrument(content, name) != "gas"}
        missing.append(item_missingness(placed, arm, waves, asked))
    return {
        "baseline": characteristics(interviewed, listed, arm, arms),
        "teams": described.assign(variable=[known.get(name, name) for name in described["variable"]]),
        "team_list": clusters,
        "retention": retention(participants, [arm, *listed], design.baseline_wave, design.followup_wave),
        "outcomes": outcome_summary(participants, outcomes, arm, waves, binary),
        "team_means": team_means(participants, scores if levels else [], arm, levels, waves),
        "team_risks": team_risks(
            participants, [name for name in outcomes if levels and name in binary], arm, levels, waves
        ),
        "missing": pd.concat([part for part in missing if len(part)], ignore_index=True),
        "experience": experience_counts(participants, _questions(content), arm, design.followup_wave, design.trust),
        "singled_out": singled_out_counts(participants, design, content.report),
        "dates": study_dates(
            participants,
            design.recruited_on,
            design.interview_date,
            waves,
            content.report.minimum_cell,
            (design.baseline_wave, design.followup_wave),
        ),
        **theme_summaries(themes, design, content.report.focus_groups, seed),
    }


def _questions(content: PlanFile) -> list[str]:
    """Questions on experience, and on what people did."""
    done = content.report.implementation
    return list(dict.fromkeys([*content.report.experience, *done.details, *done.activities]))


def _instrument(content: PlanFile, score: str) -> str:
    return content.scoring[score].instrument if score in content.scoring else score


def _arm_order(values: pd.Series, reference: str) -> list[str]:
    seen = set(values.dropna().map(code_of))
    codes = [code for code in codes_of(values) if code in seen]
    return [code for code in codes if code == reference] + [code for code in codes if code != reference]
