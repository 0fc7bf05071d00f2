"""Studies of the simulator's scenarios as the report sees them: data set, summaries and words, without a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cpis_analysis.disclosure.protect import protect_summaries
from cpis_analysis.instruments import required_items, score_interviews
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.reading.load import Plan, load_plan
from cpis_analysis.study.dataset import AnalysisData, build_dataset
from cpis_analysis.study.describe import summaries
from cpis_analysis.synthetic import simulate
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.wording import Wording

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class ScenarioStudy:
    """One scenario with the shipped plan: its data, its summaries after disclosure control, and the report's words."""

    plan: Plan
    data: AnalysisData
    summaries: dict[str, pd.DataFrame]
    words: Wording


def scenario_study(scenario: str) -> ScenarioStudy:
    """A scenario without dirt, scored and described as the workflow's steps do it; events are left out."""
    plan = load_plan(ROOT / "config.yaml")
    content = plan.content
    design, settings = content.design, content.scoring_settings()
    frames = simulate(scenario, messy=False).expected()
    talks = score_interviews(frames["interviews"], settings, list(design.wave_names), ROOT).interviews
    outcomes = [name for name, part in content.outcomes.items() if part.variable is None]
    items = {item for names in required_items(settings).values() for item in names} - set(outcomes)
    data = build_dataset(frames["participants"], talks, frames["teams"], design, outcomes, items=sorted(items))
    described = summaries(
        content, data.participants, interviews=data.interviews, items=required_items(settings), seed=1
    )
    safe, _ = protect_summaries(described, content.report.minimum_cell, waves=design.wave_names)
    dictionary = read_dictionary(ROOT / content.data.dictionary, content.data.dictionary)
    return ScenarioStudy(plan, data, safe, Wording(Labels(content, dictionary)))
