"""One truth in the layout of each program: the same clean data, byte for byte."""

import io

import numpy as np
import pytest

import intake_vendors as vendors
from cpis_analysis.intake.clean import clean
from cpis_analysis.plan.schema import Cleaning, Data
from cpis_analysis.plan.schema_design import Design
from intake_study import study_dictionary

pytestmark = pytest.mark.thorough


def cleaned(folder, write):
    vendors.write_dictionary(folder)
    data = Data(dictionary="raw/dictionary.csv", sources=write(folder))
    return clean(data, Design(**vendors.DESIGN), Cleaning(), study_dictionary(folder), folder)


def content(result):
    """Bytes of the clean data without the account of where rows stand."""
    found = []
    for frame in (result.participants, result.interviews):
        buffer = io.BytesIO()
        frame.drop(columns=["source", "line"]).to_parquet(buffer, index=False)
        found.append(buffer.getvalue())
    return found


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return cleaned(tmp_path_factory.mktemp("plain"), vendors.plain)


def test_truth_in_plain_text_is_the_truth(expected):
    people, talks = vendors.truth()
    assert expected.participants["participant_id"].tolist() == [person["participant_id"] for person in people]
    assert len(expected.interviews) == sum(map(len, talks.values()))
    first = expected.interviews[expected.interviews["wave"] == "0m"]
    wanted = [float(row["score"]) if float(row["score"]) >= 0 else np.nan for row in talks["0m"]]
    assert np.array_equal(first["score"].to_numpy(), wanted, equal_nan=True)
    assert set(expected.audit["rule"]) == {"missing_code"}
    assert expected.queries.empty


@pytest.mark.parametrize("name", vendors.VENDORS)
def test_vendor_layout_gives_the_same_clean_data(name, tmp_path, expected):
    result = cleaned(tmp_path, vendors.VENDORS[name])
    for ours, wanted in zip(
        (result.participants, result.interviews), (expected.participants, expected.interviews), strict=True
    ):
        assert ours.columns.tolist() == wanted.columns.tolist()
        assert (
            ours.drop(columns=["source", "line"]).astype(str).to_numpy().tolist()
            == wanted.drop(columns=["source", "line"]).astype(str).to_numpy().tolist()
        )
    assert content(result) == content(expected)
    assert result.queries.empty
    account = result.reconciliation
    assert (account["rows_in"] == account["rows_out"] + account["rows_set_aside"]).all()
