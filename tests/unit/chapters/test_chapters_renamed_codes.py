"""Codes of arms and levels may hold any character: with other codes and the same labels the same words are printed."""

from dataclasses import replace

import pandas as pd
import pytest

from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.chapters.models.figure import draw_diagnostics
from cpis_analysis.chapters.models.table import model_table
from cpis_analysis.chapters.moderators.sentences import moderator_paragraphs
from cpis_analysis.chapters.moderators.table import contrasts_table, moderators_table
from cpis_analysis.chapters.outcomes.figure_forest import draw_forest
from cpis_analysis.chapters.result.sentences import difference_sentence
from cpis_analysis.chapters.robustness.table import robustness_table
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.wording import Wording
from made_up_study import study
from report_material import Words, team_plan

pytestmark = pytest.mark.thorough

LABELS = {"arm": {"i": "New way", "c": "Usual way"}, "gender": {"f": "Women", "m": "Men"}}
RANDOM = " + (1 | trust:team)"
MODELS = {
    "ancova": {"label": "ANCOVA", "formula": "{outcome}_6m ~ arm + gender + {outcome}_0m" + RANDOM},
    "visits": {"label": "Visits", "formula": "{outcome} ~ arm * wave" + RANDOM, "effect": "arm:wave"},
    "by_gender": {
        "label": "By gender",
        "formula": "{outcome}_6m ~ arm * gender" + RANDOM,
        "effect": "arm:gender",
        "contrasts": [
            {"kind": "moderator", "moderator": "gender"},
            {"kind": "joint", "terms": ["arm", "arm:gender"]},
            {"kind": "difference"},
        ],
    },
    "held": {
        "label": "Held",
        "formula": "{outcome}_6m ~ arm * gender + arm * age" + RANDOM,
        "contrasts": [{"kind": "difference"}],
    },
}
HARD = [
    {"c": "usual (TAU)", "i": "a - new"},
    {"c": "c (gender = f)", "i": "b: [c - c] and, 2", "f": "f - m", "m": "m: = (f)"},
    {"c": "обычный", "i": "новый - c", "f": "1", "m": "10"},
    {"i": "c", "c": "i", "f": "m", "m": "f"},
]


def printed(codes):
    """Everything that tables, sentences and a figure say of the made-up study with other codes."""
    content = plan(codes)
    words = Words({"gender": "Gender"}, {name: recoded(choices, codes) for name, choices in LABELS.items()})
    labels, data = Labels(content, words), recoded_data(codes)
    results = [run_analysis(spec, data) for spec in Plan(content, None, None).specifications()]
    tables = [robustness_table(results[:2], labels), *(model_table(one, labels) for one in results)]
    tables += [moderators_table(results, labels), contrasts_table([results[0], results[-1]], labels)]
    sentences = [difference_sentence(one, Wording(labels)) for one in results[:2]]
    sentences += [" ".join(part) for part in moderator_paragraphs(results[2], Wording(labels))]
    estimates = collect_estimates(results, {})[["estimate", "ci_low", "p_value"]]
    return [*(table.to_text() for table in tables if table), *sentences, draw_forest(results, labels).alt], estimates


def plan(codes):
    base = team_plan(models=MODELS).model_dump(exclude_unset=True)
    base["design"] |= {
        "participant": "participant_id",
        "arm": {"variable": "arm", "reference": codes.get("c", "c")},
        "characteristics": ["age", "gender"],
    }
    base["scoring"], base["families"] = {"score": base["scoring"]["score"]}, {}
    base["outcomes"] = {"score": base["outcomes"]["score"] | {"models": list(MODELS)}}
    base["models"] = MODELS
    return PlanFile.model_validate(base)


def recoded(choices, codes):
    return {codes.get(code, code): label for code, label in choices.items()}


def recoded_data(codes):
    made = study(size=8)
    frames = [
        frame.rename(columns=lambda name: name.replace("y_", "score_"))
        for frame in (made.participants, made.interviews)
    ]
    for frame in frames:
        for name in LABELS:
            values = [codes.get(code, code) for code in frame[name].astype(object)]
            frame[name] = pd.Categorical(values, categories=list(recoded(LABELS[name], codes)))
    return AnalysisData(frames[0], frames[1].rename(columns={"y": "score"}))


@pytest.fixture(scope="module")
def plain():
    return printed({})


@pytest.mark.thorough
@pytest.mark.parametrize("codes", HARD, ids=["TAU", "marks", "alphabets", "exchanged"])
def test_renamed_codes_leave_words_and_numbers_as_they_are(plain, codes):
    texts, numbers = printed(codes)
    # whether a label keeps its capital inside a sentence depends on how the data write the code
    assert [text.lower() for text in texts] == [text.lower() for text in plain[0]]
    pd.testing.assert_frame_equal(numbers, plain[1])


def test_renamed_codes_keep_the_words_that_the_plain_ones_have(plain):
    said = "\n".join(plain[0])
    assert "adjusted means Usual way 11" in said.replace("usual way", "Usual way")
    assert "New way − Usual way, difference in change from baseline to six months" in said
    assert "where “gender” is Women" in said
    assert "Arm: New way × Gender: Men" in said.replace("arm:", "Arm:")


def test_cluster_codes_with_the_mark_that_stands_between_codes_get_their_labels():
    content = plan({})
    choices = {"trust": {"A / B": "Alpha", "A": "Other"}, "team": {"North / East": "North-east"}}
    labels = Labels(content, Words({"trust": "Trust", "team": "Team"}, choices))
    result = run_analysis(Plan(content, None, None).specifications()[0], recoded_data({}))
    rows = [
        {"group": "trust:team", "label": label, "mode": 0.5, "se": 0.1}
        for label in ("A / B / North / East", "A / North / East", "C / South")
    ]
    alt = draw_diagnostics(replace(result, diagnostics={"random_effects": rows}), labels).alt
    assert "Alpha / North-east 0.5" in alt
    assert "Other / North-east 0.5" in alt
    assert "C / South 0.5" in alt
