"""The nearly optimal test in the plan: its keys, what is refused, and what is said of it."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from cpis_analysis.chapters.moderators.content import moderation
from cpis_analysis.chapters.moderators.table import contrasts_table
from cpis_analysis.chapters.result.details import inference_words
from cpis_analysis.chapters.result.sentences import difference_sentence, primary_paragraphs
from cpis_analysis.chapters.result.sentences_precision import precision_sentence
from cpis_analysis.errors import PlanError
from cpis_analysis.methods.nearly_optimal import NEARLY_OPTIMAL
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.specification import OptimalSpec
from cpis_analysis.plan.specification_records import specs_to_json
from cpis_analysis.translate.explain import Variables, explain
from cpis_analysis.words.methods import method_notes
from report_material import result, team_plan, wording

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")
MODEL = "    label: ANCOVA, trust fixed, team random\n"
INFERENCE = "inference: {largest_ratio: 1.5, typical_ratio: 0.5}\n"
SAID = "up to 0.6, it is the one with (nearly) the most power"


def load(tmp_path, *changes):
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    return load_plan(tmp_path / "config.yaml")


def by_name(plan):
    return {spec.name: spec for spec in plan.specifications()}


def refused(tmp_path, *changes):
    with pytest.raises(PlanError) as caught:
        load(tmp_path, *changes)
    return caught.value.problems


ASKED = (MODEL, f"{MODEL}    df: nearly-optimal\n")


def test_plan_asks_for_the_nearly_optimal_test_and_nothing_else_changes(tmp_path):
    plain, asked = by_name(load(tmp_path)), by_name(load(tmp_path, ASKED))
    changed = {name for name in plain if plain[name] != asked[name]}
    assert changed == {name for name in plain if name.endswith(".trust_fixed")}
    assert "rguk.trust_fixed" in changed
    assert asked["rguk.trust_fixed"].df_method == NEARLY_OPTIMAL.name
    assert asked["rguk.trust_fixed"].optimal == OptimalSpec(0.6, 0.33)
    other = by_name(load(tmp_path, ASKED, ("models:\n  ancova:", f"{INFERENCE}models:\n  ancova:")))
    assert other["rguk.trust_fixed"].optimal == OptimalSpec(1.5, 0.5)
    rest = [[spec for name, spec in found.items() if name not in changed] for found in (plain, other)]
    assert specs_to_json(rest[0]) == specs_to_json(rest[1])


def test_plan_margins_are_part_of_such_an_analysis_alone(tmp_path):
    key = "    tipping_point: {models: [ancova, cr2_trust]}\n"
    plain = by_name(load(tmp_path, ASKED))
    given = by_name(load(tmp_path, ASKED, (key, f"{key}    equivalence: {{low: -4, high: 3}}\n")))
    assert {name for name in plain if plain[name] != given[name]} == {"rguk.trust_fixed"}
    assert (given["rguk.trust_fixed"].optimal.low, given["rguk.trust_fixed"].optimal.high) == (-4.0, 3.0)


def test_plan_refuses_a_tipping_point_and_a_low_level_of_the_nearly_optimal_test(tmp_path):
    key = "tipping_point: {models: [ancova, cr2_trust]}"
    found = refused(tmp_path, ASKED, (key, "tipping_point: {models: [trust_fixed]}"))
    assert len(found) == 1
    assert "no tipping point for this model: the nearly optimal test" in str(found[0])
    found = refused(tmp_path, (MODEL, f"{MODEL}    df: nearly-optimal\n    level: 0.7\n"))
    assert any("0.75 or more" in str(problem) for problem in found)
    found = refused(tmp_path, ("models:\n  ancova:", "inference: {largest_ratio: 0}\nmodels:\n  ancova:"))
    assert len(found) == 1
    assert found[0].line


def test_explain_says_what_the_nearly_optimal_test_is_and_that_others_have_none(tmp_path):
    plan = load(tmp_path, ASKED)
    found = explain(
        by_name(plan)["rguk.trust_fixed"],
        plan.content,
        Variables(
            levels={
                "arm": ("comparison", "implementation"),
                "gender": ("female", "male"),
                "trust": ("A", "B"),
                "team": ("N", "S"),
            },
            repeated=frozenset({"rguk"}),
            joined=frozenset(),
        ),
    )
    words = " ".join(found.words)
    assert SAID in words
    assert "R, SAS and Stata have no such test" in words
    for code, by in ((found.r, 'ddf = "Kenward-Roger"'), (found.sas, "ddfm=kr"), (found.stata, "dfmethod(kroger)")):
        assert "no nearly optimal test here" in code.splitlines()[0]
        assert by in code


def made():
    one = result(df=math.nan, df_method=NEARLY_OPTIMAL.name)
    e = replace(one.estimate, statistic=math.nan)
    beside = replace(
        e, contrast=replace(e.contrast, beside="Kenward-Roger"), df=7.5, statistic=1.5, df_method="kenward-roger"
    )
    return replace(one, spec=replace(one.spec, optimal=OptimalSpec(0.6, 0.33)), estimate=e, contrasts=(beside,))


def test_sentences_of_the_nearly_optimal_test_have_no_degrees_of_freedom():
    one, words = made(), wording(team_plan())
    assert "; nearly optimal test, p = 0.21" in difference_sentence(one, words)
    assert precision_sentence(one, words) is None
    said = " ".join(text for paragraph in primary_paragraphs(one, words) for text in paragraph)
    assert "nan" not in said.lower().split()
    assert "degrees of freedom" not in said
    assert inference_words(one) == (
        "nearly optimal test (it holds its size for variance ratios up to 0.6), with Kenward-Roger beside it"
    )


def test_tables_of_the_nearly_optimal_test_show_a_dash_and_kenward_roger():
    one, labels = made(), wording(team_plan()).labels
    rows = contrasts_table([one], labels).groups[0].rows
    assert rows[0].cells[2:5] == ("–", "–", "nearly optimal test")
    assert rows[1].cells[0].endswith("by Kenward-Roger")
    assert rows[1].cells[2:5] == ("t 1.50", "7.5", "Kenward-Roger")
    assert any(SAID in note for note in method_notes([one], labels))
    assert moderation(one).other == (one.estimate, one.contrasts[0])
