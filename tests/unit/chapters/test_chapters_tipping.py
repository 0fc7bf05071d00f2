"""Tipping points as they are shown: table, figure, sentences."""

import re
from dataclasses import asdict, replace
from xml.etree import ElementTree

import pytest

from chapter_material import HOSTILE, LABELS
from cpis_analysis.analyses.estimate import MissingShift
from cpis_analysis.chapters.tipping.content import beyond_scale, decimals_needed, tipping_points
from cpis_analysis.chapters.tipping.figure import draw_tipping
from cpis_analysis.chapters.tipping.sentences import nothing_to_shift_sentence, tipping_paragraphs
from cpis_analysis.chapters.tipping.table import tipping_table
from cpis_analysis.publish.pen.inks import WIDTH
from cpis_analysis.words.labels import Labels
from report_material import (
    CLINIC_WORDS,
    TEAM_WORDS,
    Words,
    clinic_plan,
    result,
    team_content,
    team_plan,
    whole_report,
    wording,
)

pytestmark = pytest.mark.thorough

SHIFT = MissingShift(-0.2, 0.25, 60, 60, 14, 15, 9)
NEVER = re.compile(r"\bno (significant )?(effect|difference)s?\b|did not differ|no evidence|significan", re.I)
CAUSAL = re.compile(r"\beffect|\bcaus|\bimprov|\bimpact|\bbenefit|due to|\bresulted|\bworked|\breduc|\bincreas", re.I)


def plan(**about):
    outcomes = team_plan().model_dump(mode="json")["outcomes"]
    outcomes["score"] |= {"tipping_point": {"models": ["ancova", "fixed"]}} | about
    return team_plan(outcomes=outcomes)


def shifted(*numbers, shift=SHIFT, **more):
    return replace(result(*numbers, **more), missing_shift=shift)


def analyses(*results, content=None):
    content = content or plan()
    found = tipping_points(results or [shifted()], Labels(content, TEAM_WORDS))
    return found["score"], wording(content)


def spoken(*results, content=None):
    found, words = analyses(*results, content=content)
    return [" ".join(paragraph) for paragraph in tipping_paragraphs(found, words)]


def test_paragraphs_count_who_is_shifted():
    who = spoken()[0]
    assert who.startswith(
        "Besides the 120 people analysed, 29 lack only the outcome (14 in the usual way group and 15 in the new way "
        "group), and the model says what to expect of them if outcomes are missing at random; 9 more lack another "
        "variable of the model and are left out."
    )
    alone = spoken(shifted(shift=replace(SHIFT, n_left_out=1)))[0]
    assert "; 1 more lacks another variable of the model and is left out." in alone
    assert "left out" not in spoken(shifted(shift=replace(SHIFT, n_left_out=0)))[0]


def test_an_interval_that_includes_zero_is_asked_when_it_would_exclude_it():
    text = spoken()[1]
    # lower limit -0.8: 0.8 / 0.25, 0.8 / 0.2 and 0.8 / 0.45; upper limit 3.2
    assert text == (
        "The interval includes zero. It would exclude zero, with the higher mean in the new way group, if the missing "
        "outcomes were 3.2 points higher than expected in the new way group alone, 4.0 points lower in the usual way "
        "group alone or 1.8 points higher in the new way group and as much lower in the usual way group. It would "
        "exclude zero, with the higher mean in the usual way group, if the missing outcomes were 12.8 points lower "
        "than expected in the new way group alone, 16.0 points higher in the usual way group alone or 7.1 points lower "
        "in the new way group and as much higher in the usual way group."
    )


def test_an_interval_that_excludes_zero_is_asked_when_it_would_include_it():
    above = spoken(shifted(3.0, 0.5, 5.5))[1]
    assert above == (
        "The interval excludes zero. It would include zero if the missing outcomes were 2.0 points lower than expected "
        "in the new way group alone, 2.5 points higher in the usual way group alone or 1.1 points lower in the new way "
        "group and as much higher in the usual way group."
    )
    below = spoken(shifted(-3.0, -5.5, -0.5))[1]
    assert "2.0 points higher than expected in the new way group alone" in below
    assert "2.5 points lower in the usual way group alone" in below


def test_shifts_longer_than_the_scale_are_more_than_it_allows():
    text = spoken(shifted(20.0, 16.0, 24.0))[1]
    assert text == "The interval excludes zero, and no shift that the scale allows would make it include zero."
    labels = Labels(plan(), TEAM_WORDS)
    assert beyond_scale(-27.1, "score", labels)
    assert not beyond_scale(27.0, "score", labels)
    assert not beyond_scale(1000.0, "nothing", labels)
    both = spoken(shifted(9.0, -1.0, 19.0))[1]
    assert both.endswith(
        "No shift that the scale allows would make it exclude zero with the higher mean in the usual way group."
    )


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((1.0, -0.2, 2.2), "0.4 points in opposite directions, is 0.1 standard deviations of the outcome: so small a"),
        (
            (2.0, -2.0, 6.0),
            "4.4 points in opposite directions, is 0.7 standard deviations of the outcome. Whether people",
        ),
        ((4.0, -5.0, 13.0), "11.1 points in opposite directions, is 1.9 standard deviations of the outcome: people"),
    ],
)
def test_the_smallest_shift_is_judged_by_the_standard_deviation(numbers, said):
    assert said in spoken(shifted(*numbers))[-1]


def test_the_smallest_shift_is_judged_by_the_important_difference_where_there_is_one():
    paragraphs = spoken(shifted(), content=plan(minimal_important_difference=1.5))
    said = "1.8 points in opposite directions, is 0.3 standard deviations of the outcome and 1.2 times the minimal "
    assert said in paragraphs[-1]
    assert "matter of judgement" in paragraphs[-1]
    assert paragraphs[2] == (
        "The minimal important difference (1.5 points) in the direction of the new way group lies inside the "
        "interval; it would lie outside if the missing outcomes were 6.8 points lower than expected in the new way "
        "group alone or 8.5 points higher in the usual way group alone. The minimal important difference (1.5 points) "
        "in the direction of the usual way group lies outside the interval; it would lie inside if the missing "
        "outcomes were 2.8 points lower than expected in the new way group alone or 3.5 points higher in the usual "
        "way group alone."
    )


def test_other_models_are_told_in_a_sentence():
    last = spoken(shifted(), shifted(0.4, -1.5, 2.3, model="fixed"))[-1]
    assert last.endswith(
        "In the analysis “Trust fixed” the interval includes zero, and the smallest shift that would "
        "change this is 3.3 points in opposite directions."
    )


def test_nobody_to_shift_is_said():
    none = shifted(shift=MissingShift(0.0, 0.0, 60, 60, 0, 0, 4))
    assert tipping_points([none], Labels(plan(), TEAM_WORDS)) == {}
    assert "nothing to shift" in nothing_to_shift_sentence(none, wording(plan()))
    assert nothing_to_shift_sentence(shifted(), wording()) is None
    assert nothing_to_shift_sentence(result(), wording()) is None
    one_arm = spoken(shifted(shift=replace(SHIFT, n_completed_reference=0, per_point_reference=0.0)))[1]
    assert "usual way group alone" not in one_arm
    assert "as much" not in one_arm


@pytest.mark.parametrize("numbers", [(1.2, -0.8, 3.2), (3.0, 0.5, 5.5), (-9.0, -16.0, -2.0), (0.0, -3.0, 3.0)])
def test_words_are_neither_causal_nor_of_absence(numbers):
    content = plan(minimal_important_difference=2)
    found, words = analyses(shifted(*numbers), content=content)
    text = " ".join(
        [
            *spoken(shifted(*numbers), content=content),
            draw_tipping(found[0], words.labels).alt,
            tipping_table(found, words.labels).to_text(),
        ]
    )
    assert not NEVER.search(text)
    assert not CAUSAL.search(text)


def test_words_follow_the_study():
    content = clinic_plan().model_dump(mode="json")
    content["outcomes"]["pd"]["tipping_point"] = {}
    content = type(clinic_plan()).model_validate(content)
    one = replace(result(-0.385, -0.436, -0.335, outcome="pd", sd=0.5, plan=content, arm="T"), missing_shift=SHIFT)
    words = wording(content, CLINIC_WORDS)
    found = tipping_points([one], words.labels)["pd"]
    text = " ".join(" ".join(paragraph) for paragraph in tipping_paragraphs(found, words))
    assert "1.34 higher than expected in the treatment group alone" in text
    assert "point" not in text.replace("tipping-point", "")


def test_table_holds_points_and_the_difference_at_each_shift():
    found, words = analyses(shifted(), shifted(0.4, -1.5, 2.3, model="fixed"))
    table = tipping_table(found, words.labels)
    rows = {row.cells[0]: row.cells[1:] for row in table.groups[0].rows}
    assert rows["Lower limit reaches 0"] == ("+3.2", "−4.0", "+16.0", "+1.8")
    assert rows["Upper limit reaches 0"] == ("−12.8", "+16.0", "beyond the scale", "−7.1")
    assert [group.label.partition(": ")[2] for group in table.groups] == ["ANCOVA", "Trust fixed", "ANCOVA"]
    shown = {row.cells[0]: row for row in table.groups[2].rows}
    assert list(shown) == ["−9", "−6", "−3", "0", "+3", "+6", "+9"]
    assert shown["0"].strong
    assert set(shown["0"].cells[1:]) == {"1.20 (−0.80 to 3.20)"}
    assert shown["+3"].cells[1] == "1.95 (−0.05 to 3.95)"
    assert shown["+3"].cells[4] == "2.55 (0.55 to 4.55)"
    assert "14 people of Usual way and 15 of New way" in table.notes[1]
    assert "9 more lack another variable" in table.notes[1]


def test_table_names_the_important_difference():
    found, words = analyses(content=plan(minimal_important_difference=2))
    text = tipping_table(found, words.labels).to_text()
    assert "Upper limit reaches the minimal important difference (+2)" in text
    assert "Lower limit reaches the minimal important difference (−2)" in text


@pytest.mark.parametrize("numbers", [(1.2, -0.8, 3.2), (3.0, 0.5, 5.5), (12.0, 10.0, 14.0)])
def test_figure_is_sound_and_says_its_numbers(numbers):
    found, words = analyses(shifted(*numbers), content=plan(minimal_important_difference=2))
    figure = draw_tipping(found[0], words.labels)
    assert figure.svg == draw_tipping(found[0], words.labels).svg
    root = ElementTree.fromstring(figure.svg)
    assert float(root.get("width").removesuffix("pt")) == WIDTH
    assert figure.id == "tipping-score"
    assert f"{numbers[0]:.2f} (" in figure.alt
    assert "At the corners" in figure.alt
    for bound in ("lower", "upper"):
        assert f"the {bound} limit is 0 at a shift of" in figure.alt


def test_figure_with_many_uneven_shifts_and_hostile_labels():
    choices = {"usual": f"Usual {HOSTILE} way " + "and a long name " * 8, "new": "New " + "way " * 60}
    words = Words({"age": LABELS["age"]}, {"arm": choices})
    content = plan(tipping_point={"deltas": [-9, -8, -7.5, -6, -5, -4, -3, 0, 0.25, 1, 2, 3, 6, 8, 9]})
    found = tipping_points([shifted()], Labels(content, words))["score"]
    figure = draw_tipping(found[0], Labels(content, words))
    ElementTree.fromstring(figure.svg)
    assert "<script>" not in figure.svg


def test_report_tells_each_tipping_point_beside_its_figure_and_table():
    content, one = plan(), shifted()
    found, words = analyses(one, content=content)
    page = whole_report(
        team_content(
            plan=content,
            results=[one],
            figures={"tipping-score": draw_tipping(found[0], words.labels)},
            tables={"tipping-score": tipping_table(found, words.labels)},
        )
    )
    section = page[page.index("<h3>Tipping point: Access to help (total)</h3>") :]
    places = [
        section.index(text)
        for text in (
            "Besides the 120 people",
            "It would exclude zero",
            'id="figure-tipping',
            "how far missing outcomes would have to differ",
            "</section>",
        )
    ]
    assert places == sorted(places)
    none = shifted(shift=MissingShift(0.0, 0.0, 60, 60, 0, 0, 4))
    quiet = whole_report(team_content(plan=content, results=[none]))
    assert "<h3>Tipping point" not in quiet
    assert "nothing to shift" in quiet


def test_decimals_are_those_that_the_shifts_need():
    assert decimals_needed([-3, 0, 3]) == 0
    assert decimals_needed([-0.5, 0.0, 0.25]) == 2
    assert decimals_needed([1 / 3]) == 4


def imputed(one, wider=1.5):
    """The result with shifts by imputation: the solved ones with a wider interval, so limits are reached later."""
    (found, *_), _ = analyses(one)
    rows = []
    for solved in (*found.grid, *found.paths):
        half = wider * (solved.ci_high - solved.ci_low) / 2
        ends = {"ci_low": solved.estimate - half, "ci_high": solved.estimate + half}
        rows.append({key: value for key, value in asdict(solved).items() if key != "method"} | ends)
    opposite = asdict(found.point("opposite", "ci_low")) | {"delta_reference": -6.5, "delta_other": 6.5}
    del opposite["method"]
    like = rows[0] | {"scenario": "jump_to_reference", "delta_reference": 0.0, "delta_other": -1.2}
    return replace(one, shifted={"m": 40, "rows": [*rows, opposite, like]})


def test_imputed_shifts_are_told_first_and_the_solution_beside_them():
    paragraphs = spoken(imputed(shifted()))
    assert "they are drawn 40 times and shifted" in paragraphs[0]
    assert (
        "6.5 points higher than expected in the new way group and as much lower in the usual way group" in paragraphs[1]
    )
    assert (
        "No shift of up to five standard deviations would make it exclude zero with the higher mean in the usual way"
        in paragraphs[1]
    )
    assert "finds the first such shift at 1.8 points in opposite directions." in paragraphs[-1]
    assert "drawn as in the usual way group (jump to reference) the difference is" in paragraphs[-1]
    assert not any(CAUSAL.search(text) or NEVER.search(text) for text in paragraphs)


def test_imputed_shifts_stand_in_table_and_figure_with_what_was_solved():
    found, words = analyses(imputed(shifted()))
    table = tipping_table(found, words.labels)
    titles = [group.label for group in table.groups]
    assert [title.partition(":")[0] for title in titles[:2]] == [
        "Shift at which the limit is reached, by imputation",
        "Shift at which the limit is reached, solved with the standard error taken as given",
    ]
    reached = table.groups[0].rows[0].cells
    assert reached[1:] == ("not reached", "not reached", "not reached", "+6.5")
    assert table.groups[-1].rows[0].cells[0].endswith("(jump to reference)")
    figure = draw_tipping(found[0], words.labels)
    # the half width is 1.5 times that of the analysis
    assert "−2.85 (−5.85 to 0.15)" in figure.svg
