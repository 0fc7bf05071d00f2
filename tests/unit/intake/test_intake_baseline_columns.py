"""Long files of later waves in which a column holds what was measured at baseline."""

import shutil

import pandas as pd
import pytest

from cpis_analysis.errors import DataError, PlanError
from cpis_analysis.intake.clean import clean
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.reading.load import load_plan
from wave_studies import STUDIES

RAW = STUDIES / "three_waves" / "data" / "raw"
LINE = "    visits: {file: data/raw/visits.csv, holds: long, wave_column: wave}\n"
WITH = LINE.replace("}", ", baseline_columns: {score: score_first}}")


def cleaned(folder, rows, source=WITH):
    (folder / "data" / "raw").mkdir(parents=True)
    shutil.copy(RAW / "dictionary.csv", folder / "data" / "raw")
    rows.to_csv(folder / "data" / "raw" / "visits.csv", index=False)
    text = (STUDIES / "three_waves" / "config.yaml").read_text(encoding="utf-8")
    assert LINE in text
    (folder / "config.yaml").write_text(text.replace(LINE, source), encoding="utf-8")
    plan = load_plan(folder / "config.yaml").content
    dictionary = read_dictionary(folder / plan.data.dictionary, plan.data.dictionary)
    return clean(plan.data, plan.design, plan.cleaning, dictionary, folder)


@pytest.fixture(scope="module")
def visits():
    """Rows of all waves as text, and those of later waves with baseline as a column."""
    rows = pd.read_csv(RAW / "visits.csv", dtype=str)
    later = rows[rows["wave"] != "0m"].copy()
    first = rows[rows["wave"] == "0m"].set_index("pid")["score"]
    return rows[rows["pid"].isin(later["pid"])], later.assign(score_first=later["pid"].map(first))


def test_column_of_baseline_gives_the_same_interviews_as_rows_of_it(tmp_path, visits):
    rows, later = visits
    found, wanted = cleaned(tmp_path / "column", later), cleaned(tmp_path / "rows", rows, LINE)
    for name in ("participants", "interviews"):
        one, other = getattr(found, name), getattr(wanted, name)
        keys = [key for key in ("pid", "wave") if key in one]
        places = ["source", "line"]
        pd.testing.assert_frame_equal(
            one.drop(columns=places).sort_values(keys).reset_index(drop=True),
            other.drop(columns=places).sort_values(keys).reset_index(drop=True),
        )
    assert found.queries.empty
    assert found.set_aside.empty


def test_rows_that_disagree_about_baseline_are_asked_about_and_blank_ones_are_not(tmp_path, visits):
    later = visits[1].copy()
    twice = later.groupby("pid").cumcount() == 1
    blank, other = later.index[twice][:2]
    later.loc[blank, "score_first"] = ""
    later.loc[other, "score_first"] = "7.5"
    result = cleaned(tmp_path / "asked", later)
    assert set(result.queries["participant"]) == {later.loc[other, "pid"]}
    first = result.interviews[result.interviews["wave"] == "0m"].set_index("pid")["score"]
    assert pd.isna(first[later.loc[other, "pid"]])
    assert pd.notna(first[later.loc[blank, "pid"]])


@pytest.mark.parametrize(
    ("source", "error", "said"),
    [
        (WITH.replace("score_first", "score_frist"), DataError, "score_frist"),
        (WITH.replace("score: score", "age: score"), DataError, "the first wave has it not"),
        (LINE.replace("long, wave_column: wave", "wide, baseline_columns: {score: a}"), PlanError, "only a long file"),
    ],
)
def test_columns_of_baseline_that_can_not_be_are_told(tmp_path, visits, source, error, said):
    with pytest.raises(error) as caught:
        cleaned(tmp_path / "wrong", visits[1], source)
    assert said in str(caught.value)
