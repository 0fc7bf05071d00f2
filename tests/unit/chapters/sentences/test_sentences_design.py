"""Design, limitations, variances and methods in words."""

import math
import re
from dataclasses import replace

from cpis_analysis.analyses.estimate import MissingShift
from cpis_analysis.analyses.rows.fit_warnings import NOBODY_ANALYSED, ONE_ANALYSED, KeyedWarning
from cpis_analysis.chapters.design.sentences import (
    audit_text,
    design_sentences,
    fragility_sentence,
    limitation_sentences,
)
from cpis_analysis.chapters.models.sentences import (
    icc_sentences,
    method_sentences,
    policy_sentence,
    zero_variance_sentence,
)
from report_material import clinic_audit, clinic_plan, clinic_wording, result, team_audit, wording


def test_design_sentences_count_clusters_and_degrees_of_freedom():
    text = " ".join(design_sentences(team_audit(), wording()))
    assert "2 teams of the usual way group and 2 teams of the new way group" in text
    assert "this design counts 2 degrees of freedom (between teams: teams less two)." in text


def test_design_sentences_set_no_limit_that_the_headline_passes():
    more = " ".join(design_sentences(team_audit(), wording(), result(df=71.4)))
    assert "at most" not in more
    assert (
        "counts 2 degrees of freedom (between teams: teams less two); the primary analysis has 71.4 "
        "(Kenward-Roger), more than are counted, because it estimates them from the variances."
    ) in more
    fewer = " ".join(design_sentences(team_audit(), wording(), result(df=1.6)))
    assert "; the primary analysis has 1.6 (Kenward-Roger)." in fewer
    assert "primary analysis" not in " ".join(design_sentences(team_audit(), wording(), result(df=math.inf)))


def test_fragility_counts_the_clusters_that_the_headline_analyses():
    text = fragility_sentence(team_audit(), wording(), result())
    assert text.startswith("The 10 teams, and not the number of people")


def test_design_of_individuals_counts_no_clusters():
    text = " ".join(design_sentences(clinic_audit(), clinic_wording()))
    assert "followed up in" not in text
    assert fragility_sentence(clinic_audit(), clinic_wording()) is None


def test_fragility_names_the_clusters_that_carry_the_evidence():
    assert fragility_sentence(team_audit(), wording()).startswith("The 4 teams, and not the number of people")


def test_limitations_follow_from_audit_models_and_plan():
    rows = limitation_sentences(
        team_audit(),
        wording(),
        headlines=[result(zero=("trust",)), result(outcome="mood")],
        unverified=["Mood"],
        added=["Written by hand."],
    )
    text = "\n".join(rows)
    assert rows[0].startswith("The groups were not formed at random.")
    assert "10 people of 60 (16.7%) have no data at six months." in text
    assert "In one of two headline analyses a variance between clusters was estimated as zero." in text
    assert "names no minimal important difference" in text
    assert "The scoring rule of mood has not been verified" in text
    assert rows[-1] == "Written by hand."
    assert len(set(rows)) == len(rows)


def test_limitations_name_the_clusters_that_the_rows_of_headlines_lost():
    lost = KeyedWarning("Nobody was analysed in: A / North. What happened there is unknown.", NOBODY_ANALYSED)
    one = KeyedWarning("Only one person was analysed in: B / South.", ONE_ANALYSED)
    heads = [result(warnings=(lost,)), result(outcome="mood", warnings=(lost, one, "Nobody was analysed in: haste."))]
    rows = limitation_sentences(team_audit(), wording(), headlines=heads)
    assert (
        "Headline analyses of access to help (total) and mood (M-10): nobody was analysed in: A / North. What "
        "happened there is unknown."
    ) in rows
    assert "Headline analysis of mood (M-10): only one person was analysed in: B / South." in rows
    assert not any("haste" in row for row in rows)
    assert not any("analysed in" in row for row in limitation_sentences(team_audit(), wording(), headlines=[result()]))


def test_limitations_name_the_outcomes_whose_losses_are_looked_into():
    shifted = replace(result(), missing_shift=MissingShift(-0.2, 0.2, 50, 50, 5, 5, 0))
    with_it, without = (
        " ".join(limitation_sentences(team_audit(), wording(), headlines=[one])) for one in (shifted, result())
    )
    assert "before the conclusion changed is worked out for access to help (total) with the missing data" in with_it
    assert "before the conclusion changed" not in without


def test_limitations_of_a_randomised_study_do_not_speak_of_selection():
    text = " ".join(limitation_sentences(clinic_audit(), clinic_wording()))
    assert "at random." not in text
    assert not re.search("trust|team", text)


def test_icc_sentences_name_levels_and_zero_variances():
    first, second = icc_sentences(result(zero=("trust", "trust:team")), wording())
    assert first == (
        "The residual intraclass correlation was estimated as 0.020 for two people of one trust and 0.050 "
        "for two people of one team."
    )
    assert second == "The variances between trusts and teams were estimated as zero."


def test_zero_variance_is_explained_once_and_only_where_there_is_one():
    text = zero_variance_sentence([result(zero=("trust",)), result(zero=("trust",))], wording())
    assert "does not show that the trusts are alike" in text
    assert zero_variance_sentence([result()], wording()) is None


def test_zero_variance_speaks_of_few_clusters_only_where_they_are_few():
    few = result(zero=("trust",))
    many = replace(few, estimate=replace(few.estimate, n_trusts=39, n_teams=39))
    assert zero_variance_sentence([few], wording()).startswith("With so few clusters")
    assert zero_variance_sentence([many], wording()) == (
        "A variance that is estimated as zero does not show that the trusts are alike, and the model was kept as "
        "planned."
    )
    # five trusts of eighty teams: few trusts, many teams
    teams = replace(result(zero=("trust:team",)), estimate=replace(few.estimate, n_trusts=5, n_teams=80))
    assert "few" not in zero_variance_sentence([teams], wording())
    both = replace(teams, variance_components=result(zero=("trust", "trust:team")).variance_components)
    assert zero_variance_sentence([both], wording()) == (
        "With so few trusts a variance is often estimated as zero. That does not show that the trusts and teams are "
        "alike, and the model was kept as planned."
    )


def test_estimand_and_methods_use_the_studys_own_words():
    one = result(-0.4, -0.5, -0.3, outcome="pd", plan=clinic_plan(), arm="T", sd=0.5)
    text = policy_sentence(clinic_wording()) + " ".join(method_sentences([one], clinic_wording()))
    assert "in the groups to which they were randomised" in text
    assert "to which they belonged at recruitment" in policy_sentence(wording())
    assert "random effects of clinic" in text
    assert not re.search("trust|team", text)


def test_audit_texts_call_arms_by_their_labels():
    words = wording()
    reference, other = words.labels.arms()
    text = f"trusts with '{other}' and '{reference}' at follow-up"
    assert (
        audit_text(text, words)
        == f"trusts with {words.labels.arm(other)} and {words.labels.arm(reference)} at follow-up"
    )
    assert audit_text("It's one's own", words) == "It's one's own"
