"""The studies in examples/, from their raw files to the data that analyses get, without Snakemake."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cpis_analysis.intake.clean import clean
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.study.dataset import AnalysisData, build_dataset
from cpis_analysis.study.events import with_events

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@cache
def example_plan(name: str):
    """The checked plan of an example."""
    return load_plan(EXAMPLES / name / "config.yaml")


@cache
def example_specs(name: str) -> dict:
    """Its analyses by name."""
    return {spec.name: spec for spec in example_plan(name).specifications()}


@cache
def example_data(name: str) -> AnalysisData:
    """Its data as the workflow makes them; outcomes are columns of the raw file or events of them."""
    content, root = example_plan(name).content, EXAMPLES / name
    dictionary = read_dictionary(root / content.data.dictionary, content.data.dictionary)
    cleaned = clean(content.data, content.design, content.cleaning, dictionary, root)
    events = {key: (one.variable, one.event) for key, one in content.outcomes.items() if one.type == "binary"}
    interviews = with_events(cleaned.interviews, events)
    return build_dataset(cleaned.participants, interviews, None, content.design, list(content.outcomes))
