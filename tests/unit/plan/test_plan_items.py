"""Imputed items in a plan: what the key becomes, what the data hold for it, and every mistake with its line."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cpis_analysis
from cpis_analysis.errors import DataError, PlanError
from cpis_analysis.instruments import score_interviews
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.reading.imputed_items import answers_kept
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.specification_records import spec_from_record, spec_record, specs_from_json, specs_to_json
from cpis_analysis.runs.fit_store import smallest_numbers
from cpis_analysis.study.checks.plan_check import check_plan
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study.single_answers import described_answers, with_answers
from cpis_analysis.study_words import plain
from cpis_analysis.translate.notation.translation import Variables, explained_model
from cpis_analysis.translate.words import explanation_sentences
from cpis_analysis.workflow.rule_parameters import Workflow

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")
SETTINGS = "    imputation: {auxiliary: [qpr_0m, wemwbs_0m, scope_0m]}\n"
ITEMS = "    imputation: {auxiliary: [qpr_0m, wemwbs_0m, scope_0m], items: true}\n"
SOURCE = Path(cpis_analysis.__file__).parents[1]


def written(folder, *pairs):
    text = TEXT
    for old, new in ((SETTINGS, ITEMS), *pairs):
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return folder / "config.yaml"


def imputed_spec(plan):
    (found,) = (one for one in plan.specifications() if one.imputation)
    return found


def test_plan_items_become_the_scoring_rule_of_both_waves(folder):
    plan = load_plan(written(folder))
    spec = imputed_spec(plan)
    assert [one.score for one in spec.imputation.scores] == ["rguk_0m", "rguk_6m"]
    last = spec.imputation.scores[1]
    assert (last.items[0], last.items[26], len(last.items)) == ("rguk_item_01_6m", "rguk_item_27_6m", 27)
    assert (set(last.low), set(last.high), set(last.weights), last.divisor) == ({0.0}, {1.0}, {1.0}, 1.0)
    assert spec_from_record(json.loads(json.dumps(spec_record(spec)))) == spec
    assert specs_from_json(specs_to_json(plan.specifications())) == sorted(plan.specifications(), key=lambda s: s.name)
    assert smallest_numbers(plan)["ancova_imputed"] == 5
    variables = Variables({"arm": ("comparison", "implementation"), "gender": ("female", "male")})
    text = " ".join(explanation_sentences(explained_model(spec, variables), plan.content))
    assert "Of rguk_0m and rguk_6m items are imputed where a part of them was answered" in text
    assert "the sum of the other items" in text


def test_plan_items_the_data_hold_the_answers_that_are_asked_for_and_no_others(folder):
    plan = load_plan(written(folder))
    assert answers_kept(plan.content, plan.specifications()) == {"rguk": ["0m", "6m"]}
    asked = json.loads(Workflow(plan, SOURCE).dataset_spec())
    assert asked["answers"] == {"rguk": ["0m", "6m"]}
    (folder / "config.yaml").write_text(TEXT, encoding="utf-8")
    shipped = load_plan(folder / "config.yaml")
    assert json.loads(Workflow(shipped, SOURCE).dataset_spec()) == {
        key: value for key, value in asked.items() if key != "answers"
    }


def test_plan_items_a_changed_rule_changes_the_specification_of_what_is_imputed_by_it_alone(folder):
    rguk = "  rguk: {instrument: rguk}\n"
    items = ", ".join(f"rguk_{k:02d}" for k in range(1, 28))
    scale = f"  rguk: {{instrument: scale, items: [{items}], low: 0, high: 1, max_missing: 5, reverse: [rguk_02]}}\n"
    # subscales have no rule of their own then, and no model uses them
    before, prorated, turned = (
        load_plan(written(folder, *more)).specifications()
        for more in ((), ((rguk, rguk.replace("rguk}", "rguk, max_missing: 2}")),), ((rguk, scale),))
    )
    assert before == prorated  # nothing is prorated where items are imputed
    changed = [one.name for one, other in zip(before, turned, strict=True) if one != other]
    assert changed == ["rguk.ancova_imputed"]
    (score, _) = next(one for one in turned if one.name in changed).imputation.scores
    assert (score.weights[:3], score.constant) == ((1.0, -1.0, 1.0), 1.0)


def test_answers_stand_in_the_data_as_the_rule_reads_them(folder):
    dictionary = read_dictionary(folder / "data/raw/dictionary.csv", "dictionary.csv")
    settings = {"rguk": {"instrument": "rguk", "coding": "tie_source", "staff_counts": False}}
    random = np.random.default_rng(1)
    items = [f"rguk_{k:02d}" for k in range(1, 28)]
    talks = pd.DataFrame(random.integers(0, 8, (5, 27)).astype(float), columns=items)
    talks.insert(0, "number", ["P1", "P2", "P3", "P1", "P3"])
    talks.insert(1, "wave", pd.Categorical(["0m", "0m", "0m", "6m", "6m"]))
    talks.loc[[0, 4], "rguk_03"] = np.nan
    data = AnalysisData(pd.DataFrame({"number": ["P1", "P2", "P3"]}), talks[["number", "wave"]])
    kept = {"rguk": ["0m", "6m"]}
    found = with_answers(data, talks, kept, settings, "number").participants
    assert len(found.columns) == 1 + 2 * 27
    expected = [(1.0 if 0 < value < 7 else 0.0) for value in talks["rguk_05"]]
    assert found["rguk_item_05_0m"].tolist() == expected[:3]
    np.testing.assert_array_equal(found["rguk_item_05_6m"], [expected[3], np.nan, expected[4]])
    assert found["rguk_item_03_0m"].isna().tolist() == [True, False, False]
    scored = score_interviews(talks.rename(columns={"number": "participant_id"}), settings).interviews
    answers = found[[f"rguk_item_{k:02d}_0m" for k in range(1, 28)]]
    np.testing.assert_array_equal(answers.sum(axis=1)[1:], scored["rguk"][1:3])
    rows = described_answers(with_answers(data, talks, kept, settings, "number"), dictionary, kept, settings)
    assert len(rows) == 54
    third = rows[rows["variable"] == "rguk_item_03_6m"].iloc[0]
    assert (third["waves"], third["missing"], third["source"]) == ("6m", 2, "answer to rguk_03 as rguk is scored")
    taken = AnalysisData(data.participants.assign(rguk_item_01_0m=1.0), data.interviews)
    with pytest.raises(DataError, match="two variables have this name"):
        with_answers(taken, talks, kept, settings, "number")


def test_plan_items_every_outcome_without_such_items_is_refused_with_its_line(folder):
    more = "ancova, trust_fixed, team_only, change, longitudinal, cr2_trust, cr2_team, cluster_t, cluster_t_paired]"
    text = TEXT.replace(SETTINGS, ITEMS)
    start = text.index("  scope:\n    label")
    head, tail = text[:start], text[start:]
    # scope, eq5d and eq_vas use the model as well, and answers in order do
    tail = tail.replace(f"[{more}", f"[ancova_imputed, {more}")
    tail = tail.replace("models: [answer, answer_paired, answer_cr2, odds]", "models: [answer, ancova_imputed]", 1)
    (folder / "config.yaml").write_text(head + tail, encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load_plan(folder / "config.yaml")
    found = [one for one in caught.value.problems if "items can't be imputed" in one.message]
    assert len(found) == 4
    assert sum("is no sum, mean or table of sums" in one.message for one in found) == 3
    assert sum("the outcome is no score of items" in one.message for one in found) == 1
    assert all(one.line for one in found)


def test_plan_items_every_mistake_of_a_model_is_listed(folder):
    lines = TEXT[TEXT.index("  ancova_imputed:\n") :].splitlines(keepends=True)
    model = "".join(lines[:5])
    changed = model.replace('"{outcome}_6m ~', '"log({outcome}_6m) ~ rguk_domestic_0m +').replace(
        "[qpr_0m, wemwbs_0m, scope_0m]",
        "[rguk_03_6m, rguk_items_missing_6m, qpr_0m], ordinal: ['{outcome}_6m'], items: true",
    )
    text = TEXT.replace(model, changed)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load_plan(folder / "config.yaml")
    found = [one.message for one in caught.value.problems]
    assert "items may make a score of 0 or less, which has no logarithm" in found
    assert "rguk_6m is computed from imputed items, so it can't be imputed as answers in order" in found
    for name in ("rguk_domestic_0m", "rguk_03_6m", "rguk_items_missing_6m"):
        assert f"{name} is made of answers that are imputed here, and would contradict them" in found
    assert not any(text.startswith("qpr_0m") for text in found)


def test_plan_items_asked_of_some_or_at_other_waves_alone_are_refused(folder):
    path = folder / "data" / "raw" / "dictionary.csv"
    before = path.read_text(encoding="utf-8")
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    logic = next(name for name in frame if "ranching" in name)
    name, waves = frame.columns[0], next(name for name in frame if "wave" in name.lower())
    third, fourth = (frame[name] == f"rguk_{k:02d}" for k in (3, 4))
    frame.loc[third, logic] = "[gender] = 'female'"
    frame.loc[fourth, waves] = "0m"
    try:
        frame.to_csv(path, index=False)
        plan = load_plan(written(folder))
        with pytest.raises(PlanError) as caught:
            check_plan(plan, data=False)
    finally:
        path.write_text(before, encoding="utf-8")
    found = {plain(problem.message): problem for problem in caught.value.problems}
    some = found["items that are asked of some people alone do not apply to the others and can't be imputed"]
    assert "rguk_03 (line" in some.value
    assert found["items that are imputed are not asked at 6m"].value == "rguk_04"
    assert some.line
