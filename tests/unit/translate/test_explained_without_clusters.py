"""What is said of analyses of a study that has no clusters says nothing of clusters, and calls patients so."""

from dataclasses import replace
from pathlib import Path

import pytest

from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.specification import ImputationSpec
from cpis_analysis.study.factors import explained_variables
from cpis_analysis.translate.explain import explain

FOLDER = Path(__file__).resolve().parents[3] / "examples/beat_the_blues"


@pytest.fixture(scope="module")
def blues():
    plan = load_plan(FOLDER / "config.yaml")
    name = plan.content.data.dictionary
    return plan, explained_variables(plan.content, read_dictionary(FOLDER / name, name))


def said_of(spec, blues):
    plan, variables = blues
    found = explain(spec, plan.content, variables)
    return "\n".join([found.summary, *found.words, *found.equation])


def test_models_of_the_plan_speak_of_patients_alone(blues):
    for spec in blues[0].specifications():
        text = said_of(spec, blues)
        assert "cluster" not in text, spec.name
        assert "patients" in text
        assert "i: patient (" in text


@pytest.mark.parametrize(
    "changed",
    [
        {"estimator": "by_design", "df_method": "between-within", "cluster": None},
        {"missing": "multiple_imputation", "imputation": ImputationSpec()},
    ],
    ids=["by_design", "imputed"],
)
def test_other_analyses_do_so_too(blues, changed):
    spec = replace(blues[0].specification("bdi", "ancova"), **changed)
    text = said_of(spec, blues)
    assert "cluster" not in text
    assert "patient" in text
