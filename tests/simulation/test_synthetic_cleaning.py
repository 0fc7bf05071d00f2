"""The cleaning rules recover the generator's truth, except for what it lists as undecidable."""

from pathlib import Path

import pandas as pd
import pytest

from cpis_analysis.intake.clean import CleanData, clean
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.synthetic import SyntheticStudy, simulate, write_raw

PLAN = Path(__file__).resolve().parents[2] / "config.yaml"


def cleaned(study: SyntheticStudy, folder: Path) -> CleanData:
    plan = load_plan(PLAN).content
    write_raw(study, folder / "data" / "raw")
    dictionary = read_dictionary(folder / plan.data.dictionary, plan.data.dictionary)
    return clean(plan.data, plan.design, plan.cleaning, dictionary, folder)


def differences(expected: pd.DataFrame, found: pd.DataFrame, key: list[str]) -> list[tuple[object, ...]]:
    """Key, column, expected and found value of each cell that differs."""
    left = expected.astype(object).sort_values(key, kind="stable").reset_index(drop=True)
    right = found.astype(object).sort_values(key, kind="stable").reset_index(drop=True)
    assert left[key].to_numpy().tolist() == right[key].to_numpy().tolist()
    made = []
    for column in left.columns:
        same = (left[column] == right[column]) | (left[column].isna() & right[column].isna())
        made += [(*left.loc[i, key], column, left.at[i, column], right.at[i, column]) for i in left.index[~same]]
    return made


@pytest.mark.parametrize(
    ("scenario", "seed"), [("null", 20180214), ("null", 78), ("mnar", 9)], ids=["shipped", "another seed", "mnar"]
)
def test_cleaning_recovers_truth_except_undecidable(scenario, seed, tmp_path):
    study = simulate(scenario, seed)
    result, expected = cleaned(study, tmp_path), study.expected()
    assert differences(expected["participants"], result.participants, ["participant_id"]) == []
    assert differences(expected["interviews"], result.interviews, ["participant_id", "wave"]) == []
    assert differences(expected["teams"], result.teams, ["trust", "team"]) == []
    assert differences(expected["themes"], result.themes, ["theme", "trust", "arm"]) == []


def test_cleaning_asks_and_sets_aside_what_the_dirt_table_says(tmp_path):
    study = simulate()
    result = cleaned(study, tmp_path)
    dirt = study.dirt.assign(source=study.dirt["file"].str.removesuffix(".csv"))
    rows = dirt[dirt["action"].isin(["set aside", "drop"])]
    assert set(zip(rows["source"], rows["line"], strict=True)) == set(
        zip(result.set_aside["source"], result.set_aside["line"].astype(int), strict=True)
    )
    asked = dirt[(dirt["query"] == "yes") & (dirt["variable"] != "")]
    asked_of = set(zip(result.queries["source"], result.queries["line"].astype(int), strict=True))
    assert set(zip(asked["source"], asked["line"], strict=True)) <= asked_of


def test_cleaning_study_without_dirt_changes_nothing(tmp_path):
    result = cleaned(simulate(messy=False), tmp_path)
    assert (len(result.audit), len(result.queries), len(result.set_aside)) == (0, 0, 0)
