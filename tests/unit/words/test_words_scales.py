"""A model of logarithms or roots beside models in points: words, tables, figures and the page never mix the two."""

import math
import re
from dataclasses import replace

import pandas as pd
import pytest

from cpis_analysis.analyses.equivalence import two_one_sided_tests
from cpis_analysis.chapters.design.sentences import limitation_sentences
from cpis_analysis.chapters.equivalence.content import equivalence_test
from cpis_analysis.chapters.equivalence.sentences import equivalence_agreement, equivalence_sentences
from cpis_analysis.chapters.models.sentences import method_sentences
from cpis_analysis.chapters.models.table import model_table
from cpis_analysis.chapters.outcomes.figure_forest import draw_forest
from cpis_analysis.chapters.outcomes.sentences import secondary_sentences
from cpis_analysis.chapters.outcomes.table import outcomes_table
from cpis_analysis.chapters.outcomes.table_models import outcome_models_table
from cpis_analysis.chapters.result.sentences import (
    difference_sentence,
    importance_sentence,
    interval_sentence,
    primary_paragraphs,
)
from cpis_analysis.chapters.result.sentences_precision import detectable
from cpis_analysis.chapters.robustness.sentences import range_sentences
from cpis_analysis.chapters.robustness.table import robustness_table
from cpis_analysis.report.figures import figure_orders
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.scales import left_out_note, one_scale
from report_material import estimates_frame, result, team_audit, team_content, team_plan, whole_report, wording

LOGS = "log1p({outcome}_6m) ~ arm + {outcome}_0m + (1 | trust:team)"
ROOTS = "sqrt({outcome}_6m) ~ arm + {outcome}_0m + (1 | trust:team)"
ON_SCALE = {
    "log1p": {
        "minimal_important_difference": 1.25,
        "minimal_important_difference_source": "Agreed",
        "equivalence": {"low": 0.8, "high": 1.25, "source": "Agreed"},
    }
}


def plan(models=("ancova", "fixed", "logs", "roots"), on_scale=None):
    return team_plan(
        outcomes={
            "score": {
                "label": "Access to help (total)",
                "role": "primary",
                "models": list(models),
                "low": 0,
                "high": 27,
                "minimal_important_difference": 2,
                "equivalence": {"low": -4, "high": 4},
                "on_scale": on_scale or {},
            }
        },
        models={
            "logs": {"label": "Logarithms", "formula": LOGS},
            "roots": {"label": "Roots", "formula": ROOTS},
            "logs_fixed": {"label": "Logarithms, trust fixed", "formula": LOGS.replace(" + (1", " + trust + (1")},
        },
    )


def transformed(model="logs", estimate=0.22, low=-0.08, high=0.52, of=None, **more):
    """A result on another scale, as `run_analysis` gives it: without a standardised difference."""
    one = result(estimate, low, high, model=model, plan=of or plan(), se=0.14, sd=None, **more)
    return replace(one, standardised=dict.fromkeys(("estimate", "ci_low", "ci_high", "sd", "sd_source")))


def everything(of=None):
    of = of or plan()
    return [
        result(plan=of),
        result(0.4, -1.5, 2.3, p=0.6, model="fixed", plan=of),
        transformed(of=of),
        transformed("roots", 0.11, -0.05, 0.27, of=of),
    ]


def words(of=None):
    return wording(of or plan())


def test_ratio_of_geometric_means_in_words():
    text = difference_sentence(transformed(), words())
    assert (
        "the geometric mean of access to help (total) plus one at six months was 1.25 times as high in the new way "
        "group as in the usual way group (adjusted ratio of geometric means of (value plus one) 1.25, 95% CI 0.92 "
        "to 1.68; t = 1.57 with 7.5 df, Kenward-Roger, p = 0.210)."
    ) in text
    assert interval_sentence(transformed(), words()) == (
        "The interval includes one, which stands for no difference: these data are compatible with ratios from 0.92 "
        "to 1.68."
    )
    apart = transformed(estimate=-0.3, low=-0.5, high=-0.1)
    assert interval_sentence(apart, words()) == (
        "The interval excludes one: these data are compatible with ratios from 0.61 to 0.90, in favour of the usual "
        "way group."
    )
    assert "was as high in the new way group as" in difference_sentence(transformed(estimate=0.001), words())
    plain = replace(transformed(), spec=replace(transformed().spec, formula="log(score_6m) ~ arm"))
    assert difference_sentence(plain, words()).startswith(
        "The geometric mean of access to help (total) at six months was 1.25 times as high"
    )
    spec = replace(transformed().spec, formula="log1p(score) ~ arm * wave", effect="arm:wave")
    change = replace(transformed(), spec=spec)
    assert "at six months, relative to baseline, was 1.25 times as high" in difference_sentence(change, words())


def test_difference_of_roots_in_words():
    text = difference_sentence(transformed("roots", 0.11, -0.05, 0.27), words())
    assert "the mean of the square root of access to help (total) at six months was 0.11 higher in the new way" in text


FORBIDDEN = re.compile(r"\bpoints?\b|standard deviations|standardised", re.IGNORECASE)


@pytest.mark.parametrize("one", [transformed(), transformed("roots", 0.11, -0.05, 0.27)], ids=["logs", "roots"])
def test_nothing_in_points_is_said_of_another_scale(one):
    said = [sentence for paragraph in primary_paragraphs(one, words()) for sentence in paragraph]
    said += [*equivalence_sentences(one, words()), *method_sentences([one], words())]
    assert [text for text in said if FORBIDDEN.search(text)] == []
    assert importance_sentence(one, words()) is None
    assert equivalence_sentences(one, words()) == ()
    assert equivalence_test(one, Labels(plan(), words().labels.dictionary)) is None


def test_methods_and_limitations_name_the_scale():
    assert method_sentences([transformed()], words())[0].startswith(
        "The logarithm of (value plus one) of access to help (total) was analysed by a linear mixed model"
    )
    text = " ".join(limitation_sentences(team_audit(), words(), headlines=[transformed()]))
    assert (
        "no minimal important difference for the primary outcome on the logarithmic (value plus one) scale, on "
        "which it is analysed, so"
    ) in text
    judged_there = limitation_sentences(team_audit(), words(plan(on_scale=ON_SCALE)), headlines=[transformed()])
    assert "no minimal important" not in " ".join(judged_there)


def test_margins_and_importance_on_the_scale_are_ratios():
    of = plan(on_scale=ON_SCALE)
    one = transformed(estimate=0.02, low=-0.06, high=0.10, of=of)
    one = replace(one, estimate=replace(one.estimate, se=0.035))
    found = two_one_sided_tests(0.02, 0.035, 7.5, 0.05, math.log(0.8), math.log(1.25))
    text = " ".join(equivalence_sentences(one, words(of)))
    assert text.startswith(
        "The plan takes ratios from 0.80 to 1.25 as too small to matter (Agreed). The 90% "
        f"confidence interval of the ratio, {math.exp(found.ci_low):.2f} to "
        f"{math.exp(found.ci_high):.2f}, lies "
        "between these margins: the groups are declared equivalent within them"
    )
    assert f"would be declared is {math.exp(found.smallest_margin):.2f} or its inverse." in text
    assert importance_sentence(one, words(of)) == (
        "The minimal important ratio (1.25 or its inverse; Agreed) lies outside the interval in both directions: a "
        "difference of that size is excluded."
    )
    size = math.exp(detectable(one))
    precise = " ".join(sentence for paragraph in primary_paragraphs(one, words(of)) for sentence in paragraph)
    assert f"a true ratio would have to be about {size:.2f} or its inverse to be detected" in precise


def test_range_is_that_of_one_scale():
    first, *_ = range_sentences(everything(), words())
    assert first == "Estimates run from 0.4 to 1.2 points, and every interval includes zero."
    assert range_sentences([everything()[0], everything()[2]], words()) == ()
    of = plan(("logs", "logs_fixed", "ancova"))
    ratios = range_sentences(
        [transformed(of=of), transformed("logs_fixed", 0.3, 0.1, 0.5, of=of), result(plan=of)], words(of)
    )
    assert ratios[0] == "Ratios run from 1.2 to 1.3, and only that of “Logarithms, trust fixed” excludes one."
    assert equivalence_agreement(everything(), words()).endswith("in both analyses.")


def test_secondary_outcomes_name_what_stands_for_no_difference():
    of = plan()
    logs = replace(transformed(of=of), spec=replace(transformed(of=of).spec, outcome="mood"))
    logs = replace(logs, estimate=replace(logs.estimate, outcome="mood"))
    text = " ".join(secondary_sentences([result(plan=of), logs], words(of)))
    assert "both intervals include zero or, of a ratio, one." in text
    assert text.count("The standardised difference in ") == 1


def test_table_of_all_models_keeps_scales_apart():
    table = robustness_table(everything(), words().labels)
    assert [group.label for group in table.groups] == [
        "Points of the outcome",
        "Ratio of geometric means of (value plus one)",
        "Difference in means on the square-root scale",
    ]
    ratio = table.groups[1].rows[0].cells
    assert "1.25 (0.92 to 1.68)" in ratio
    assert "0.140" in ratio
    header = [column.label for column in table.columns]
    for group in table.groups[1:]:
        cells = dict(zip(header, group.rows[0].cells, strict=True))
        assert cells["Standardised (95% CI)"] == cells["TOST p"] == cells["Smallest margin"] == "–"
    assert dict(zip(header, table.groups[0].rows[0].cells, strict=True))["TOST p"] != "–"
    assert any(note.startswith("Ratio of geometric means of (value plus one): the exponential") for note in table.notes)
    roots = robustness_table([transformed("roots", 0.11, -0.05, 0.27)], words().labels)
    assert roots.notes[0].startswith("Difference: New way − Usual way, difference in means on the square-root scale. ")
    # one scale: as ever
    assert [group.label for group in robustness_table(everything()[:2], words().labels).groups] == [""]


def observed():
    return pd.DataFrame(
        [
            {
                "outcome": "score",
                "wave": wave,
                "arm": arm,
                "n": 60,
                "n_missing": 0,
                "mean": 13.0,
                "sd": 6.0,
                "state": "shown",
            }
            for wave in ("0m", "6m")
            for arm in ("usual", "new")
        ]
    )


def test_main_table_gives_the_ratio_and_says_so():
    of = plan(("logs", "ancova"))
    results = [transformed(of=of), result(plan=of)]
    table = outcomes_table(observed(), results, estimates_frame(results), words(of).labels)
    assert table.groups[0].label.endswith("(primary): ratio of geometric means of (value plus one)")
    cells = table.groups[0].rows[1].cells
    assert "13.0 (6.0)" in cells
    assert "1.25 (0.92 to 1.68)" in cells
    behind = outcome_models_table(results, estimates_frame(results), words(of).labels)
    assert behind.rows[0].cells[-3] == "–"
    assert any("It has no standardised form." in note for note in behind.notes)


def test_details_of_a_model_name_its_scale():
    table = model_table(
        replace(
            transformed(),
            coefficients=[
                {
                    "term": "arm[new]",
                    "estimate": 0.22,
                    "std_error": 0.14,
                    "df": 7.5,
                    "statistic": 1.57,
                    "p_value": 0.21,
                    "ci_low": -0.08,
                    "ci_high": 0.52,
                }
            ],
        ),
        words().labels,
    )
    assert table.groups[0].label == "Fixed part, on the logarithmic (value plus one) scale"
    assert any("ratio of geometric means of (value plus one) 1.25 (0.92 to 1.68)" in note for note in table.notes)
    one = transformed()
    table = model_table(replace(one, spec=replace(one.spec, effect="arm:older")), words().labels)
    assert any("; ratio of ratios of geometric means of (value plus one) 1.25" in note for note in table.notes)


def test_figures_draw_one_scale_and_name_what_they_leave_out():
    labels = words().labels
    left_out = (
        "Not drawn, because on another scale: Logarithms (ratio of geometric means of (value plus one)); Roots "
        "(difference in means on the square-root scale)."
    )
    same, others = one_scale(everything(), labels)
    assert [len(same), len(others)] == [2, 2]
    assert left_out_note(others, labels) == left_out


def test_forest_names_a_headline_on_another_scale():
    of = plan(("logs", "logs_fixed", "ancova"), ON_SCALE)
    results = [transformed(of=of), transformed("logs_fixed", 0.3, 0.1, 0.5, of=of), result(plan=of)]
    labels = words(of).labels
    mood = result(2.0, -1.0, 5.0, outcome="mood", sd=10.0, plan=of)
    forest = draw_forest([*results, mood], labels)
    assert "Not drawn, because analysed on another scale: Access to help (total) (ratio of geometric" in forest.alt
    with pytest.raises(ValueError, match="no headline"):
        draw_forest(results, labels)


def test_orders_of_figures_count_analyses_of_one_scale():
    of = plan(("logs", "ancova"))
    empty = pd.DataFrame({"outcome": []})
    summaries = {"team_list": pd.DataFrame(), "team_means": empty, "missing": pd.DataFrame()}
    drawn = [
        order.make.func.__name__
        for order in figure_orders(summaries, [transformed(of=of), result(plan=of)], {}, words(of).labels)
    ]
    assert "draw_forest" not in drawn


def test_page_of_a_study_of_logarithms_never_speaks_of_points():
    of = plan(("logs", "logs_fixed"))
    results = [
        transformed(of=of),
        transformed("logs_fixed", 0.3, 0.1, 0.5, of=of),
        replace(
            transformed(of=of),
            spec=replace(transformed(of=of).spec, outcome="mood", name="mood.logs"),
            estimate=replace(transformed(of=of).estimate, outcome="mood", analysis="mood.logs"),
        ),
    ]
    of = of.model_copy(
        update={"outcomes": {**of.outcomes, "mood": of.outcomes["mood"].model_copy(update={"models": ["logs"]})}}
    )
    page = whole_report(team_content(plan=of, results=results, estimates=estimates_frame(results)))
    text = " ".join(re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL).split())
    findings = text[text.index("In short") :]
    said = [
        sentence
        for sentence in re.split(r"(?<=[.;:])\s", findings)
        if re.search(r"\d points?\b|of points|in points", sentence)
    ]
    assert said == []
    assert "1.25 times as high" in findings
    assert "the plan takes differences" not in findings.lower()
    assert "The minimal important difference (" not in findings
