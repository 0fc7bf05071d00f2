"""The codebook describes what stands in the analysis data, against counts by hand."""

import pandas as pd

from cpis_analysis.instruments import ScoreInfo
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study.dataset import build_dataset
from cpis_analysis.study.score_codebook import codebook

DESIGN = Design.model_validate(
    {
        "participant": "participant_id",
        "arm": {"variable": "arm", "reference": "c"},
        "levels": [{"variable": "trust"}],
        "waves": [{"name": "0m", "label": "Baseline", "months": 0}, {"name": "6m", "label": "Later", "months": 6}],
        "characteristics": ["gender"],
    }
)
RGUK = ScoreInfo("rguk", "RG-UK total", 0, 27, "better", False, "yes/no coding assumed", "paper", "none")


def described():
    log = pd.DataFrame({"participant_id": ["P1", "P2", "P3"], "arm": ["c", "i", "i"], "trust": ["A", "A", "B"]})
    talks = pd.DataFrame(
        {
            "participant_id": ["P1", "P1", "P2"],
            "wave": ["0m", "6m", "0m"],
            "gender": ["f", None, "m"],
            "rguk": [1.0, None, 3.0],
            "support": [None, "yes", None],
            "rguk_items_missing": [0, 27, 0],
        }
    )
    data = build_dataset(log, talks, None, DESIGN, ["rguk"])
    dictionary = {
        "arm": Variable("arm", "participants", "Group", "category", {"c": "Comparison", "i": "Implementation"}),
        "support": Variable("support", "six_months", "Support received", "yesno", {"yes": "Yes", "no": "No"}),
    }
    return codebook(data, dictionary, {"rguk": RGUK}, DESIGN, {"rguk": "RG-UK"}).set_index("variable")


def test_codebook_holds_each_variable_once():
    assert described().index.tolist() == [
        "participant_id",
        "arm",
        "trust",
        "gender",
        "has_0m",
        "has_6m",
        "rguk_change",
        "rguk",
        "support",
        "rguk_items_missing",
    ]


def test_codebook_score_carries_its_range_and_mark():
    row = described().loc["rguk"]
    assert (row["label"], row["low"], row["high"], row["source"]) == ("RG-UK total", 0, 27, "score of RG-UK")
    assert not row["verified"]
    assert row["note"] == "yes/no coding assumed"


def test_codebook_missing_values_match_hand_count():
    book = described()
    assert book.loc["gender", "missing"] == 1
    assert book.loc["rguk", ["missing_0m", "missing_6m"]].tolist()[0] == 0
    assert book.loc["rguk", "waves"] == "0m"
    assert pd.isna(book.loc["rguk", "missing_6m"])
    assert book.loc["support", "waves"] == "6m"
    assert book.loc["support", "missing_6m"] == 0


def test_codebook_labels_and_codes_come_from_the_dictionary():
    book = described()
    assert book.loc["arm", "codes"] == "c, Comparison | i, Implementation"
    assert book.loc["support", "label"] == "Support received"
    assert book.loc["rguk_items_missing", "label"] == "Items missing of RG-UK total"
    assert book.loc["rguk_change", "label"] == "Follow-up minus baseline: RG-UK total"
