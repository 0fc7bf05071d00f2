"""Sentences and tables on moderators: the interaction first, levels without p-values, honest df."""

from dataclasses import replace
from itertools import chain

import pytest

from cpis_analysis.analyses.moderator_clusters import few_clusters
from cpis_analysis.analyses.rows.fit_warnings import FEW_CLUSTERS, KeyedWarning
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.moderators.chart import moderator_answer, moderator_chart
from cpis_analysis.chapters.moderators.content import is_moderated, moderation
from cpis_analysis.chapters.moderators.figure import draw_moderators, figures
from cpis_analysis.chapters.moderators.many_chart import many_answer, many_chart
from cpis_analysis.chapters.moderators.section import subgroups
from cpis_analysis.chapters.moderators.sentences import moderator_paragraphs
from cpis_analysis.chapters.moderators.table import contrasts_table, moderators_table
from cpis_analysis.chapters.page import Page
from cpis_analysis.plan.contrast import Between, Contrast
from cpis_analysis.plan.specification import ContrastSpec
from cpis_analysis.publish.blocks import RowChart, plain
from cpis_analysis.words.labels import Labels
from report_material import TEAM_WORDS, Words, result, team_content, team_plan, whole_report, wording

ARMS = Contrast("difference", "new", "usual")
PLAN = team_plan(
    outcomes={
        "score": {
            "label": "Access to help (total)",
            "role": "primary",
            "models": ["ancova", "fixed", "older"],
            "low": 0,
            "high": 27,
        }
    },
    models={
        "older": {
            "label": "By age group",
            "formula": "{outcome}_6m ~ arm * older + (1 | trust:team)",
            "effect": "arm:older",
            "contrasts": [{"kind": "moderator", "moderator": "older"}],
        }
    },
)
PLAN = PLAN.model_validate(
    PLAN.model_dump(exclude_unset=True) | {"derived": {"older": {"label": "Sixty or older", "where": "age >= 60"}}}
)


def moderated(estimate=1.1, low=-6.6, high=8.8, levels=((0.7, "no"), (1.8, "yes")), warnings=(), kind="moderator"):
    base = result(estimate, low, high, p=0.69, df=3.3, model="older", plan=PLAN, se=2.5)
    spec = replace(
        base.spec,
        name="score.older",
        model="older",
        effect="arm:older",
        formula="score_6m ~ arm * older + (1 | trust:team)",
        contrasts=(ContrastSpec(kind, moderator="older"),) if kind == "moderator" else (),
    )
    effect = replace(
        base.estimate,
        contrast=replace(ARMS, between=(Between("older", "yes", "no"),)),
        measure="interaction",
        model="older",
        warnings=warnings,
    )
    rows = [
        replace(
            effect,
            contrast=replace(ARMS, held=(("older", code),)),
            measure="mean difference",
            estimate=value,
            ci_low=value - 4,
            ci_high=value + 4,
            p_value=0.04,
            df=2.9,
        )
        for value, code in levels
    ]
    nan = float("nan")
    joint = replace(
        effect,
        contrast=replace(ARMS, kind="joint", terms=("arm", "arm:older")),
        measure="joint test",
        estimate=nan,
        ci_low=nan,
        ci_high=nan,
        se=nan,
        num_df=2.0,
        df=3.2,
        statistic=0.5,
        p_value=0.65,
    )
    return replace(base, spec=spec, estimate=effect, contrasts=(*rows, joint))


def said(one):
    return [" ".join(part) for part in moderator_paragraphs(one, wording(PLAN))]


def test_moderator_interaction_stands_before_its_levels():
    interaction, levels, rests, joint = said(moderated())
    assert interaction == (
        "The adjusted difference in access to help (total) (new way group minus usual way group) was 1.10 points "
        "higher where “sixty or older” is yes than where it is no (difference of differences 1.10, 95% CI −6.60 to "
        "8.80; t = 0.44 with 3.3 df, Kenward-Roger, p = 0.690). The interval includes zero: these data are compatible "
        "with a difference that is up to 6.60 points lower where “sixty or older” is yes and with one that is up to "
        "8.80 points higher."
    )
    assert levels.startswith(
        "The adjusted difference was 0.70 points (95% CI −3.30 to 4.70; 2.9 df) where “sixty or "
        "older” is no and 1.80 points (95% CI −2.20 to 5.80; 2.9 df) where"
    )
    assert "The interaction rests on 3.3 degrees of freedom" in rests
    assert joint == (
        "Joint test of arm and arm × sixty or older: F = 0.50 with 2 and 3.2 degrees of freedom, "
        "Kenward-Roger, p = 0.650."
    )


def test_moderator_levels_are_written_alike_inside_a_sentence():
    plain = moderated()
    effect = replace(plain.estimate, contrast=replace(ARMS, between=(Between("gender", "male", "female"),)))
    one = replace(
        plain,
        estimate=effect,
        contrasts=(),
        spec=replace(
            plain.spec, formula="score_6m ~ arm * gender + (1 | trust:team)", effect="arm:gender", contrasts=()
        ),
    )
    known = Words({}, {"arm": TEAM_WORDS.choices("arm"), "gender": {"female": "Female", "male": "Male"}})
    text = " ".join(moderator_paragraphs(one, wording(PLAN, known))[0])
    assert "higher where “gender” is male than where it is female (" in text


def test_moderator_of_logarithms_is_a_ratio_of_ratios():
    plain = moderated(0.2, -0.3, 0.7, levels=((0.1, "no"), (0.3, "yes")))
    one = replace(
        plain,
        spec=replace(plain.spec, formula="log(score_6m) ~ arm * older + (1 | trust:team)"),
        estimate=replace(plain.estimate, se=0.16),
        standardised=dict.fromkeys(("estimate", "ci_low", "ci_high", "sd", "sd_source")),
    )
    interaction, levels, rests, _ = said(one)
    assert interaction == (
        "The adjusted ratio of geometric means of access to help (total) (new way group to usual way group) was 1.22 "
        "times as high where “sixty or older” is yes as where it is no (ratio of ratios 1.22, 95% CI 0.74 to 2.01; "
        "t = 0.08 with 3.3 df, Kenward-Roger, p = 0.690). The interval includes one: these data are compatible with a "
        "ratio of ratios from 0.74 to 2.01."
    )
    assert levels.startswith("The adjusted ratio was 1.11 (95% CI 0.02 to 60.34; 2.9 df) where “sixty or older” is no")
    assert "a standard error of 0.160 on the logarithmic scale" in rests
    assert not any("point" in text for text in (interaction, levels, rests))
    cells = moderators_table([one], Labels(PLAN, TEAM_WORDS)).groups[0].rows[0].cells
    assert "1.22 (0.74 to 2.01)" in cells
    drawn = draw_moderators([plain, replace(one, spec=replace(one.spec, model="ancova"))], Labels(PLAN, TEAM_WORDS))
    assert drawn.alt.endswith("Not drawn, because on another scale: ANCOVA (ratio of geometric means).")
    with pytest.raises(ValueError, match="no moderator"):
        draw_moderators([one], Labels(PLAN, TEAM_WORDS))


def test_moderator_levels_have_no_p_values():
    text = " ".join(said(moderated()))
    assert "0.040" not in text
    table = moderators_table([moderated()], Labels(PLAN, TEAM_WORDS))
    levels = [row.cells for row in table.rows if "where" in row.cells[0]]
    assert [cells[2:3] + cells[5:] for cells in levels] == [("–", "–")] * 2
    assert [cells[1] for cells in levels] == ["0.70 (−3.30 to 4.70)", "1.80 (−2.20 to 5.80)"]


def test_moderator_joint_test_names_both_degrees_of_freedom():
    table = moderators_table([moderated()], Labels(PLAN, TEAM_WORDS))
    assert table.rows[-1].cells == (
        "Joint test of arm and arm × sixty or older",
        "–",
        "F 0.50",
        "2 and 3.2",
        "Kenward-Roger",
        "0.650",
    )
    assert table.rows[0].strong
    assert "by how much it differs" in table.rows[0].cells[0]


def test_moderator_interval_that_excludes_zero_claims_no_cause():
    text = said(moderated(-3.0, -5.0, -1.0))[0]
    assert "3.00 points lower where" in text
    assert (
        "The interval excludes zero: these data are compatible with a difference that is 1.00 to 5.00 points lower"
    ) in text


def few(level, fewest):
    of = {"moderator": "older", "level": level, "unit": "team", "fewest": fewest}
    return KeyedWarning(few_clusters(**of), FEW_CLUSTERS, **of)


def test_moderator_warnings_speak_in_labels():
    same = few_clusters("older", "yes", "ward", 2)
    text = said(moderated(warnings=(few("yes", 0), few("no", 2), same, "Older people were seldom seen.")))[2]
    assert "Where “sixty or older” is yes, one team is compared with one team: the effect" in text
    assert "Where “sixty or older” is no, an arm has only 2 teams: inference fragile." in text
    assert " Older people were seldom seen." in text
    # what only reads like such a warning stays as it is
    assert same in text


@pytest.mark.parametrize("code", ["the older", "older is no", "an arm has only 2 teams", ".*", "年長"])
def test_moderator_warnings_keep_codes_that_hold_words_of_the_sentence(code):
    warned = moderated(levels=((0.7, "no"), (1.8, code)), warnings=(few(code, 3),))
    assert f"Where “sixty or older” is {code}, an arm has only 3 teams: inference fragile." in said(warned)[2]


def test_moderator_of_three_levels_is_tested_together_first():
    one = moderated()
    nan = float("nan")
    together = replace(
        one.contrasts[-1], contrast=replace(ARMS, kind="joint", terms=("arm:older",)), estimate=nan, num_df=2.0
    )
    one = replace(one, contrasts=(together, *one.contrasts))
    assert moderation(one).together == (together,)
    assert said(one)[0].startswith("Joint test of arm × sixty or older: F = 0.50")


def test_moderator_without_estimate_is_named_as_such():
    one = moderated()
    assert said(replace(one, estimate=replace(one.estimate, converged=False)))[0].startswith(
        "The planned analysis of access to help (total) gave no usable estimate"
    )


def test_moderator_analyses_are_known_by_contrast_or_measure():
    assert is_moderated(moderated())
    assert is_moderated(moderated(kind="none"))
    assert not is_moderated(result())
    assert moderators_table([result()], Labels(PLAN, TEAM_WORDS)) is None
    assert contrasts_table([result(), moderated()], Labels(PLAN, TEAM_WORDS)) is None


def test_moderator_section_is_there_with_one_and_leaves_no_gap_without():
    assert 'id="subgroups-section"' not in whole_report(team_content())
    content = team_content()
    page = whole_report(team_content(plan=PLAN, results=[*content.results, moderated()]))
    assert 'id="subgroups-section"' in page
    # in its own section, and once in the list of all analyses
    assert page.count("(analysis score.older)") == 2


def test_moderator_figure_has_a_p_value_for_the_interaction_only():
    figure = draw_moderators([result(), moderated()], Labels(PLAN, TEAM_WORDS))
    assert figure.id == "moderators-score"
    assert figure.alt.count(", p ") == 1
    assert "Interaction: “sixty or older” is yes, against no (By age group; df 3.3) 1.10 (−6.60 to 8.80), p 0.690" in (
        figure.alt
    )
    assert "Where “sixty or older” is no (df 2.9) 0.70 (−3.30 to 4.70)" in figure.alt
    with pytest.raises(ValueError, match="no moderator"):
        draw_moderators([result()], Labels(PLAN, TEAM_WORDS))


def test_moderator_figure_is_ordered_only_where_the_findings_have_no_chart():
    labels, one = Labels(PLAN, TEAM_WORDS), moderated()
    assert list(figures(Material(labels, {}, [result(), one]))) == []
    # a moderator of three levels has two interactions, which the chart of the findings does not show
    several = replace(one, contrasts=(one.estimate, *one.contrasts))
    (ordered,) = figures(Material(labels, {}, [result(), several]))
    assert ordered.make().alt.count(", p ") == 2
    for own, drawn in ((one, False), (several, True)):
        page = whole_report(team_content(plan=PLAN, results=[*team_content().results, own]))
        assert ('id="figure-levels-score-older"' in page) is not drawn


def test_moderator_chart_calls_levels_by_their_own_labels():
    def rows(plan):
        chart = moderator_chart(moderated(), Page(team_content(plan=plan, results=[moderated()])))
        return [row.label for row in chart.rows]

    derived = PLAN.model_dump()["derived"]
    assert rows(PLAN)[:2] == [f"{derived['older']['label']}: no", f"{derived['older']['label']}: yes"]
    derived["older"]["otherwise"] = "Younger than sixty"
    named = type(PLAN).model_validate(PLAN.model_dump() | {"derived": derived})
    assert rows(named)[:2] == ["Younger than sixty", derived["older"]["label"]]


def test_moderator_sentences_call_levels_by_their_own_labels():
    derived = PLAN.model_dump()["derived"]
    derived["older"]["otherwise"] = "Younger than sixty"
    named = type(PLAN).model_validate(PLAN.model_dump() | {"derived": derived})
    page = Page(team_content(plan=named, results=[moderated()]))
    assert moderator_answer(moderated(), page).endswith(
        "was larger for “sixty or older” or for “younger than sixty” can’t be told"
    )
    told = " ".join(chain(*moderator_paragraphs(moderated(), page.words)))
    assert "where it is “sixty or older” than where it is “younger than sixty”" in told
    assert "”" + " is no" not in told


OTHERS = {"hope": (0.4, -2.0, 2.8), "pain": (-3.0, -5.0, -1.0), "sleep": (0.1, -4.0, 4.2)}


def of_many(names):
    """Page of a plan with outcomes of these names beside the score, and their analyses of the moderator."""
    content = PLAN.model_dump(exclude_unset=True)
    more = {name: content["outcomes"]["score"] | {"label": name.title(), "role": "secondary"} for name in names}
    plan = type(PLAN).model_validate(content | {"outcomes": content["outcomes"] | more})
    made = [moderated()]
    for name in names:
        one = moderated(*OTHERS[name])
        made.append(replace(one, spec=replace(one.spec, outcome=name, name=f"{name}.older")))
    return Page(team_content(plan=plan, results=made)), made


def test_moderators_of_few_outcomes_have_a_chart_each_and_of_many_one_together():
    page, _ = of_many(["hope", "pain"])
    assert [block.id for block in subgroups(page) if isinstance(block, RowChart)] == [
        "figure-levels-score-older", "figure-levels-hope-older", "figure-levels-pain-older",
    ]  # fmt: skip
    page, made = of_many(list(OTHERS))
    blocks = list(subgroups(page))
    (chart,) = (block for block in blocks if isinstance(block, RowChart))
    assert chart.id == "figure-levels-older"
    assert [(row.label, row.value, row.value_note, row.strong) for row in chart.rows] == [
        ("Access to help (total)", "1.10", "−6.60 to 8.80", False),
        ("Hope", "0.40", "−2.00 to 2.80", False),
        ("Pain", "−3.00", "−5.00 to −1.00", True),
        ("Sleep", "0.10", "−4.00 to 4.20", False),
    ]
    assert chart.rows[0].note == "No 0.70; Yes 1.80"
    assert chart.heads[2] == "Yes − no (95% CI)"
    assert chart.axis is not None
    text = plain(blocks[0].line)
    assert (
        text == "The difference depended on “sixty or older” in pain; of the other three outcomes that can’t be told."
    )
    # drawn in standard deviations: the widest interval of 8.8 points by an SD of 6 ends the scale
    alike = [replace(one, standardised={**one.standardised, "sd": 6.0}) for one in made]
    assert many_chart(alike, page).sub.endswith("drawn in standard deviations of each outcome")
    lacking = [replace(one, standardised={"sd": None, "sd_source": None}) for one in made]
    assert many_chart(lacking, page).axis is None
    assert "a scale of its own" in many_chart(lacking, page).sub


def test_moderators_of_many_outcomes_none_of_which_can_be_told():
    page, made = of_many(list(OTHERS))
    unclear = [one for one in made if one.spec.outcome != "pain"]
    assert many_answer(unclear, page) == (
        "Whether the difference was larger for “sixty or older: yes” or for “sixty or older: no” can’t be told of any "
        "of three outcomes"
    )
