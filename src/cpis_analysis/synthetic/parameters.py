"""Every number of the generator, with where it comes from.

Each field carries one of four tags and a text:

found
    read in a public source, named beside it;
computed
    arithmetic on found values, or found by the calibration, and checked by a test;
general knowledge
    customary in the field, not looked up;
assumed
    chosen for the generator. It is not a fact about any study.

`parameter_table` lists them all. Nothing else in this package holds a number that
describes people, outcomes, losses or dirt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any

import pandas as pd

__all__ = [
    "OUTCOMES",
    "SCENARIOS",
    "TAGS",
    "Characteristics",
    "Design",
    "DirtCounts",
    "Experience",
    "Latent",
    "Losses",
    "NonResponse",
    "Outcome",
    "Parameters",
    "Scenario",
    "Schedule",
    "Themes",
    "parameter_table",
    "parameters_of",
]

TAGS = ("found", "computed", "general knowledge", "assumed")
DEFAULT_SEED = 20180214

REGISTRY = "trial registry entry NCT03945994, https://ichgcp.net/clinical-trials-registry/NCT03945994"
FINDINGS = "Research Findings 114, https://www.sscr.nihr.ac.uk/people/martin-webber/p114"
COMMUNITY = (
    "community mental health initiatives in England, n = 121, "
    "https://bmchealthservres.biomedcentral.com/articles/10.1186/1472-6963-12-189/tables/1"
)
NONE = "no published value was found"


def found(value: Any, source: str) -> Any:
    """Declare a parameter that is read in a public source, which is named."""
    return field(default=value, metadata={"tag": "found", "source": source})


def computed(value: Any, source: str) -> Any:
    """Declare a parameter that is arithmetic on found values, or from the calibration."""
    return field(default=value, metadata={"tag": "computed", "source": source})


def known(value: Any, source: str) -> Any:
    """Declare a parameter that is customary in the field, not looked up."""
    return field(default=value, metadata={"tag": "general knowledge", "source": source})


def assumed(value: Any, source: str = NONE) -> Any:
    """Declare a parameter that is chosen for the generator."""
    return field(default=value, metadata={"tag": "assumed", "source": source})


# --------------------------------------------------------------------------- design and time


STANDARD_RECRUITS = (18, 17, 16, 16, 15, 16, 15, 16, 15, 15)


@dataclass(frozen=True)
class Design:
    """Trusts, teams and how many people each team recruits.

    ``recruits`` is one number for all teams, or one for each team in the order
    trust by trust (implementation team first in each trust).
    """

    trusts: int = found(5, "five trusts; " + FINDINGS)
    teams_per_trust: int = found(2, "one implementation and one comparison team in each trust; " + FINDINGS)
    recruits: int | tuple[int, ...] = assumed(
        STANDARD_RECRUITS,
        "the sum, 159, is found (" + FINDINGS + "); its division over teams is not published",
    )
    team_names: tuple[tuple[str, ...], ...] = assumed(
        (("North", "South"), ("East", "North"), ("Central", "West"), ("South", "East"), ("West", "Central")),
        "invented labels that repeat across trusts, as they do in practice",
    )
    trained_trust: int = assumed(2, "position of the trust whose implementation team delivered the training")
    fidelity_trained: int = assumed(78)
    fidelity_implementation: tuple[int, int] = assumed((38, 62), "range over the other implementation teams")
    fidelity_comparison: tuple[int, int] = assumed((12, 30), "range over comparison teams")


@dataclass(frozen=True)
class Schedule:
    """Calendar of the fieldwork, in days."""

    first_day: str = found("2018-02-14", "start date; " + REGISTRY)
    last_day: str = found("2019-01-28", "completion date; " + REGISTRY)
    recruitment_days: int = assumed(140, "so that the last six-month interview falls before completion")
    baseline_lag_max: int = assumed(12, "days from recruitment to the baseline interview, at most")
    followup_mean: float = computed(182.0, "half a year")
    followup_sd: float = assumed(8.0)
    followup_range: tuple[int, int] = assumed((160, 198), "ordinary follow-up interviews, days after baseline")
    outside_window: float = assumed(0.025, "share of follow-ups held outside five to eight months")
    early_range: tuple[int, int] = assumed((126, 143), "days, when before five months")
    late_range: tuple[int, int] = assumed((252, 270), "days, when after eight months")


# --------------------------------------------------------------------------- people


@dataclass(frozen=True)
class Characteristics:
    """Baseline characteristics; ``*_recovery`` are correlations with the recovery factor."""

    age_mean: float = found(43.0, "rounded from 41.5; " + COMMUNITY)
    age_sd: float = found(12.0, "rounded from 11.8; " + COMMUNITY)
    age_range: tuple[int, int] = assumed((18, 75), "working-age community teams")
    female: float = found(
        0.55, "55.1% of crisis-team users, https://pmc.ncbi.nlm.nih.gov/articles/PMC8058818/table/tab02"
    )
    gender_other: float = assumed(0.01)
    ethnicity: tuple[float, ...] = found(
        (0.84, 0.06, 0.05, 0.04, 0.01), "white, asian, black, mixed, other; rounded from " + COMMUNITY
    )
    ethnicity_second_trust: tuple[float, ...] = assumed(
        (0.66, 0.24, 0.05, 0.04, 0.01), "one area with a larger Asian population"
    )
    relationship: tuple[float, ...] = found((0.55, 0.21, 0.24), "single, partnered, separated; " + COMMUNITY)
    lives_alone: float = assumed(0.50, "57% in " + COMMUNITY)
    lives_alone_social: float = assumed(-0.20, "correlation with access to social capital")
    paid_work: float = assumed(0.15, "65% unemployed in " + COMMUNITY)
    paid_work_social: float = assumed(
        0.30, "correlation with access to social capital; direction found, https://www.pubmed.gov/19734179/"
    )
    above_gcse: float = found(0.47, COMMUNITY)
    diagnosis: tuple[float, ...] = assumed(
        (0.35, 0.13, 0.27, 0.10, 0.12, 0.03), "psychosis, bipolar, depression, anxiety, personality, other"
    )
    substance_use: float = assumed(0.18)
    substance_recovery: float = assumed(-0.20)
    admission_9m: float = found(0.35, COMMUNITY)
    admission_recovery: float = assumed(-0.25)
    leisure_mean: float = found(
        2.4,
        "outpatients with psychosis, n = 533, "
        "https://annals-general-psychiatry.biomedcentral.com/articles/10.1186/s12991-023-00438-1",
    )
    leisure_sd: float = found(1.5, "same as leisure_mean")
    leisure_social: float = assumed(0.35, "correlation with access to social capital")


# --------------------------------------------------------------------------- outcomes


@dataclass(frozen=True)
class Outcome:
    """An instrument: its items and what their total should look like.

    ``mean``, ``sd`` and ``icc_*`` are those of the total at baseline (of one item
    where ``spacing`` is to be solved), ``prepost`` its correlation over six months.
    ``change`` and ``effect`` are differences of the total. ``None`` stands for what the
    calibration solves: ``item_loading`` (to give the SD) or ``spacing`` (likewise).
    """

    name: str
    columns: tuple[str, ...]
    low: int
    high: int
    mean: float | None
    sd: float | None
    change: float
    effect: float
    prepost: float
    icc_team: float
    icc_trust: float
    recovery_loading: float
    step: int = 1
    spread: float = 0.0
    spacing: float | None = None
    item_loading: float | None = None
    level_shares: tuple[tuple[float, ...], ...] | None = None


def _numbered(stem: str, n: int) -> tuple[str, ...]:
    return tuple(f"{stem}_{i:02d}" for i in range(1, n + 1))


ANCHOR = (
    "no ICC of community mental health teams was found; UK primary-care trials have a median of .016, "
    "https://bmcmedresmethodol.biomedcentral.com/articles/10.1186/s12874-020-00971-7"
)


@dataclass(frozen=True)
class RgUk(Outcome):
    """Access to social capital: 27 items yes or no, total 0-27."""

    name: str = assumed("rguk", "column stem")
    columns: tuple[str, ...] = known(_numbered("rguk", 27), "27 items")
    low: int = known(0, "no access")
    high: int = known(1, "access through at least one tie")
    mean: float | None = assumed(13.0)
    sd: float | None = assumed(6.5)
    change: float = assumed(0.5)
    effect: float = assumed(2.0, "alternative; the published result is no difference")
    prepost: float = assumed(0.65)
    icc_team: float = assumed(0.03, ANCHOR)
    icc_trust: float = assumed(0.02, ANCHOR)
    recovery_loading: float = assumed(0.35)
    spread: float = assumed(0.6, "SD of item difficulties, latent units")
    spacing: float | None = computed(1.0, "of no consequence: two categories have one threshold")


@dataclass(frozen=True)
class Wemwbs(Outcome):
    """Mental well-being: 14 items 1-5, total 14-70."""

    name: str = assumed("wemwbs", "column stem")
    columns: tuple[str, ...] = found(
        _numbered("wemwbs", 14), "https://warwick.ac.uk/fac/sci/med/research/platform/wemwbs/using/howto"
    )
    low: int = found(1, "same as columns")
    high: int = found(5, "same as columns")
    mean: float | None = assumed(40.0)
    sd: float | None = assumed(10.5)
    change: float = assumed(2.0, "direction found: it rose in everyone in the pilot study")
    effect: float = assumed(3.0)
    prepost: float = assumed(0.60)
    icc_team: float = assumed(0.03, ANCHOR)
    icc_trust: float = assumed(0.02, ANCHOR)
    recovery_loading: float = assumed(0.70)
    spread: float = assumed(0.3, "SD of item difficulties, latent units")
    spacing: float | None = assumed(0.9, "distance of neighbouring thresholds, latent units")


@dataclass(frozen=True)
class Qpr(Outcome):
    """Experience of recovery: 15 items 0-4, total 0-60."""

    name: str = assumed("qpr", "column stem")
    columns: tuple[str, ...] = found(_numbered("qpr", 15), "https://eprints.nottingham.ac.uk/31028/")
    low: int = found(0, "https://ggzdataportaal.nl/bibliotheek/questionnaire-about-the-process-of-recovery-qpr/")
    high: int = found(4, "same as low")
    mean: float | None = assumed(36.0, "40 (SD 10) found at follow-up, https://eprints.nottingham.ac.uk/34258/")
    sd: float | None = assumed(11.0)
    change: float = assumed(1.5)
    effect: float = found(
        4.0,
        "smallest important difference between groups, "
        "https://informahealthcare.com/doi/abs/10.1080/17522439.2021.1883726",
    )
    prepost: float = assumed(0.60, "two-week retest .74 found, https://eprints.nottingham.ac.uk/31028/")
    icc_team: float = assumed(0.03, ANCHOR)
    icc_trust: float = assumed(0.02, ANCHOR)
    recovery_loading: float = assumed(0.70)
    spread: float = assumed(0.3, "SD of item difficulties, latent units")
    spacing: float | None = assumed(0.9, "distance of neighbouring thresholds, latent units")


@dataclass(frozen=True)
class Scope(Outcome):
    """Overall perceived inclusion: one rating, 1-5."""

    name: str = assumed("scope", "column stem")
    columns: tuple[str, ...] = known(("scope_overall",), "single overall rating")
    low: int = known(1, "rating scale")
    high: int = known(5, "rating scale")
    mean: float | None = assumed(3.0)
    sd: float | None = assumed(1.0)
    change: float = assumed(0.1)
    effect: float = assumed(0.0)
    prepost: float = assumed(0.50)
    icc_team: float = assumed(0.02, ANCHOR)
    icc_trust: float = assumed(0.01, ANCHOR)
    recovery_loading: float = assumed(0.60)
    item_loading: float | None = assumed(0.9)


@dataclass(frozen=True)
class Eq5d(Outcome):
    """EQ-5D-5L profile: five dimensions, levels 1 (none) to 5; high is bad.

    ``level_shares`` and ``item_loading`` were chosen so that the van Hout index has mean
    .55 and SD .30 with a tail to the left; a test recomputes it. Change, correlation and
    ICCs refer to the sum of levels.
    """

    name: str = assumed("eq5d5l", "column stem")
    columns: tuple[str, ...] = known(tuple(f"eq5d5l_{d}" for d in ("mo", "sc", "ua", "pd", "ad")), "dimensions")
    low: int = known(1, "no problems")
    high: int = known(5, "unable, or extreme")
    mean: float | None = computed(None, "follows from level_shares")
    sd: float | None = computed(None, "follows from level_shares and item_loading")
    change: float = computed(-0.12, "a rise of .01 in an index of SD .30, in sums of levels")
    effect: float = assumed(0.0)
    prepost: float = assumed(0.69, "gives the index, which has a long tail, .65")
    icc_team: float = assumed(0.02, ANCHOR)
    icc_trust: float = assumed(0.01, ANCHOR)
    recovery_loading: float = assumed(0.50)
    item_loading: float | None = computed(-0.70, "gives the index an SD of .30")
    level_shares: tuple[tuple[float, ...], ...] | None = assumed(
        (
            (0.56, 0.18, 0.14, 0.10, 0.02),
            (0.64, 0.18, 0.12, 0.05, 0.01),
            (0.28, 0.26, 0.27, 0.15, 0.04),
            (0.37, 0.25, 0.23, 0.12, 0.03),
            (0.11, 0.21, 0.34, 0.23, 0.11),
        ),
        "shares of levels 1-5 at baseline for mobility, self-care, usual activities, pain, anxiety",
    )


@dataclass(frozen=True)
class EqVas(Outcome):
    """Self-rated health, 0-100, heaped on multiples of five."""

    name: str = assumed("eq_vas", "column stem")
    columns: tuple[str, ...] = known(("eq_vas",), "visual analogue scale")
    low: int = known(0, "worst health")
    high: int = known(100, "best health")
    step: int = assumed(5, "most answers are multiples of five")
    mean: float | None = assumed(55.0)
    sd: float | None = assumed(22.0)
    change: float = assumed(2.0)
    effect: float = assumed(0.0)
    prepost: float = assumed(0.55)
    icc_team: float = assumed(0.02, ANCHOR)
    icc_trust: float = assumed(0.01, ANCHOR)
    recovery_loading: float = assumed(0.60)
    item_loading: float | None = assumed(0.92)


@dataclass(frozen=True)
class Gas(Outcome):
    """Goal attainment: up to three goals, each -2 to +2 at six months; means of one goal.

    With one to three goals T = 50 + 10 times about 1.2 times the mean attainment, so a
    goal mean of -.25 is a T of 47 and +.33 is four points of T.
    """

    name: str = assumed("gas", "column stem")
    columns: tuple[str, ...] = known(tuple(f"gas_{i}_score" for i in (1, 2, 3)), "up to three goals")
    low: int = known(-2, "much less than expected")
    high: int = known(2, "much more than expected")
    mean: float | None = computed(-0.25, "T of 47, an assumption")
    sd: float | None = computed(1.0, "T has an SD of about 10 then")
    change: float = assumed(0.0, "asked once only")
    effect: float = computed(1.0, "sum over three goals; four points of T, an assumption")
    prepost: float = assumed(0.30, "of no consequence: asked once only")
    icc_team: float = assumed(0.05, ANCHOR)
    icc_trust: float = assumed(0.02, ANCHOR)
    recovery_loading: float = assumed(0.50)
    item_loading: float | None = computed(
        0.5477,
        "goals correlate .30, as the T score supposes, "
        "https://nationalcalculatorauthority.com/goal-attainment-score-calculator.html",
    )


OUTCOMES: tuple[Outcome, ...] = (RgUk(), Wemwbs(), Qpr(), Scope(), Eq5d(), EqVas(), Gas())


@dataclass(frozen=True)
class Latent:
    """What holds the outcomes of a person, a team and a trust together."""

    recovery_persistence: float = assumed(0.70, "six-month correlation of the recovery factor")
    cluster_persistence: float = assumed(0.70, "six-month correlation of team and trust effects")
    goals_set: tuple[float, float] = assumed((0.70, 0.40), "shares of people with a second and a third goal")
    heaped: float = assumed(0.70, "share of EQ-VAS answers on a multiple of five")


# --------------------------------------------------------------------------- losses and gaps


@dataclass(frozen=True)
class Losses:
    """Losses to interview. Odds ratios of loss after baseline; directions are found.

    Sources of directions: https://pubmed.ncbi.nlm.nih.gov/11206665/ (male, substance use,
    more ill), a review of community-team drop-out (younger, no psychosis), and a trial in
    which site and control group mattered more than traits.
    """

    before_baseline: float = computed(8 / 159, "159 recruited, 151 interviewed; " + FINDINGS)
    after_baseline: float = computed(24 / 151, "151 interviewed, 127 at six months; " + FINDINGS)
    exact_before: int = computed(8, "159 - 151")
    exact_after: int = computed(24, "151 - 127")
    or_age_year: float = assumed(0.97, "direction found")
    or_male: float = assumed(1.4, "direction found")
    or_substance: float = assumed(1.6, "direction found")
    or_psychosis: float = assumed(0.9, "direction found")
    or_recovery_sd_lower: float = assumed(1.2, "direction found")
    or_comparison: float = assumed(1.2, "direction found")
    trust_sd: float = assumed(0.3, "log odds")
    reasons: tuple[str, ...] = assumed(
        ("withdrew", "not_contactable", "moved_away", "too_unwell", "discharged", "died", "other"),
        "the reasons are not published",
    )
    reasons_before: tuple[float, ...] = assumed((0.40, 0.35, 0.05, 0.15, 0.05, 0.0, 0.0))
    reasons_after: tuple[float, ...] = assumed((0.30, 0.34, 0.10, 0.12, 0.08, 0.02, 0.04))


@dataclass(frozen=True)
class NonResponse:
    """Gaps within interviews that were held."""

    item: float = assumed(0.015, "98-99% of scales complete in community teams")
    scale: float = assumed(0.02, "share of instruments skipped whole")
    characteristic: float = assumed(0.015)
    experience: float = assumed(0.03)


# --------------------------------------------------------------------------- experience


@dataclass(frozen=True)
class Experience:
    """Follow-up questions on support, activities, changes and barriers.

    The findings text reports directions only (most outside the home, most face to face,
    most new people, most organised, most better in both arms, a minority had the
    materials explained, a clear difference in the trust with the trained team).
    """

    support_implementation: float = assumed(0.55, "direction found")
    support_comparison: float = assumed(0.50, "direction found")
    support_trained: float = assumed(0.80, "direction found")
    support_trained_comparison: float = assumed(0.30, "direction found")
    materials_explained: tuple[float, ...] = assumed((0.30, 0.55, 0.15), "yes, no, unsure; direction found")
    activities: tuple[tuple[str, float], ...] = assumed(
        (
            ("self_help", 0.42),
            ("education", 0.18),
            ("training", 0.20),
            ("employment", 0.13),
            ("exercise", 0.40),
            ("hobbies", 0.45),
            ("volunteering", 0.24),
            ("other", 0.14),
        ),
        "the list is found, the shares are not",
    )
    outside_home: float = assumed(0.80, "direction found")
    mode: tuple[float, ...] = assumed((0.85, 0.09, 0.06), "face to face, phone, online; direction found")
    new_people: float = assumed(0.75, "direction found")
    organised: float = assumed(0.70, "direction found")
    changes: tuple[tuple[str, float, float], ...] = assumed(
        (
            ("mental_health", 0.60, 0.28),
            ("confidence", 0.62, 0.30),
            ("self_esteem", 0.58, 0.33),
            ("awareness_local", 0.60, 0.36),
        ),
        "shares better and same; direction found",
    )
    change_recovery: float = assumed(0.40, "correlation of perceived with latent change")
    barriers: tuple[tuple[str, float], ...] = assumed(
        (("anxiety", 0.45), ("cost", 0.30), ("transport", 0.22), ("health", 0.20), ("other", 0.10)),
        "the first two are named in the findings",
    )


@dataclass(frozen=True)
class Themes:
    """Practitioner focus groups: expected mentions a site in the implementation arm and the other."""

    mentions: tuple[tuple[str, str, float, float], ...] = assumed(
        (
            ("high_caseload", "High caseload", 9.0, 8.0),
            ("understaffing", "Understaffing", 7.0, 7.0),
            ("crisis_work", "Crisis work takes priority", 8.0, 7.0),
            ("low_support", "Low organisational support", 5.0, 3.0),
            ("model_unclear", "Model unclear or no training delivered", 6.0, 0.0),
            ("weak_engagement", "Weak community engagement", 4.0, 4.0),
            ("client_mix", "Clients seen most are too unwell", 5.0, 4.0),
            ("materials_helpful", "Materials helpful for framing the work", 4.0, 0.0),
        ),
        "themes found in the findings text, numbers not",
    )


# --------------------------------------------------------------------------- dirt


@dataclass(frozen=True)
class DirtCounts:
    """How often each piece of dirt occurs, for 159 recruits, file by file.

    The order is participants, baseline, six_months, teams, focus_groups; other study sizes are
    scaled. Typing errors fall on few rows (``careless_rows``), as if few interviewers made them.
    """

    careless_rows: float = assumed(0.04, "share of rows of a file that hold its typing errors")
    missing_code: float = assumed(0.40, "share of unanswered questions entered as a code, not left empty")
    name_variant: tuple[int, ...] = assumed((2, 3, 3, 1, 2), "white space, case")
    name_misspelt: tuple[int, ...] = assumed((1, 1, 1, 0, 0))
    label_for_code: tuple[int, ...] = assumed((1, 4, 4, 0, 0))
    date_format: tuple[int, ...] = assumed((2, 3, 3, 0, 0))
    decimal_comma: tuple[int, ...] = assumed((0, 3, 2, 0, 0))
    number_words: tuple[int, ...] = assumed((0, 1, 1, 0, 0))
    text_number: tuple[int, ...] = assumed((0, 1, 1, 0, 0))
    out_of_range: tuple[int, ...] = assumed((0, 3, 3, 0, 0))
    unknown_code: tuple[int, ...] = assumed((0, 1, 1, 0, 0))
    arm_mismatch: tuple[int, ...] = assumed((2, 0, 0, 0, 0))
    gender_changed: tuple[int, ...] = assumed((0, 0, 2, 0, 0))
    followup_before_baseline: tuple[int, ...] = assumed((0, 0, 2, 0, 0))
    branching_contradiction: tuple[int, ...] = assumed((0, 0, 3, 0, 0))
    followup_without_baseline: tuple[int, ...] = assumed((0, 0, 2, 0, 0))
    unknown_participant: tuple[int, ...] = assumed((0, 0, 2, 0, 0))
    duplicate_row: tuple[int, ...] = assumed((1, 2, 2, 0, 0))
    conflicting_duplicate: tuple[int, ...] = assumed((0, 1, 1, 0, 0))
    conflicting_cells: int = assumed(3, "items that differ between two versions of an interview")
    blank_row: tuple[int, ...] = assumed((1, 2, 2, 0, 0))


# --------------------------------------------------------------------------- scenarios


@dataclass(frozen=True)
class Scenario:
    """What a scenario changes; the rest is as in the null scenario."""

    name: str
    description: str
    treated: str = assumed("nobody", "whom the effects of the outcomes touch: nobody, arm or team (the trained one)")
    selection: float = assumed(0.0, "lead of the implementation arm at both waves in every outcome, latent SD")
    selection_age: float = assumed(0.0, "difference in age of the implementation arm, years")
    unseen_loss: tuple[float, float] = assumed(
        (0.0, 0.0), "log odds of loss for each latent SD of lower RG-UK at six months, comparison and implementation"
    )
    icc: float | None = assumed(None, "ICC of teams and of trusts in every outcome, where not the usual")
    exact_losses: bool = assumed(False, "exactly 8 and 24 people are lost, with the default design")


_SCENARIOS = (
    Scenario(
        "null",
        "No effect anywhere; 159 people recruited, 151 interviewed at baseline, 127 at six months",
        exact_losses=True,
    ),
    Scenario("effect", "Implementation raises social capital, well-being, recovery and goals", treated="arm"),
    Scenario("one_trained_team", "The same effect, in the one team that delivered the training only", treated="team"),
    Scenario(
        "mnar",
        "No effect, but comparison-arm people who do badly at six months are lost (missing not at random)",
        unseen_loss=(1.5, 0.0),
    ),
    Scenario(
        "baseline_imbalance",
        "No effect, but the implementation teams recruit people who are better off and younger from the start",
        selection=0.4,
        selection_age=-4.0,
    ),
    Scenario("tiny_icc", "No effect and next to no team and trust variance (boundary fits)", icc=0.0005),
)
SCENARIOS: dict[str, str] = {s.name: s.description for s in _SCENARIOS}


@dataclass(frozen=True)
class Parameters:
    """All of the above, as one scenario uses them."""

    scenario: Scenario
    design: Design = field(default_factory=Design)
    schedule: Schedule = field(default_factory=Schedule)
    characteristics: Characteristics = field(default_factory=Characteristics)
    latent: Latent = field(default_factory=Latent)
    losses: Losses = field(default_factory=Losses)
    non_response: NonResponse = field(default_factory=NonResponse)
    experience: Experience = field(default_factory=Experience)
    themes: Themes = field(default_factory=Themes)
    dirt: DirtCounts = field(default_factory=DirtCounts)
    outcomes: tuple[Outcome, ...] = OUTCOMES


def parameters_of(scenario: str, design: Design | None = None) -> Parameters:
    """Parameters of a scenario, with another design if one is given.

    Losses are exact in the null scenario with the default design only.
    """
    chosen = next(s for s in _SCENARIOS if s.name == scenario)
    outcomes = OUTCOMES
    if chosen.icc is not None:
        outcomes = tuple(replace(o, icc_team=chosen.icc, icc_trust=chosen.icc) for o in OUTCOMES)
    if design is not None and design != Design():
        chosen = replace(chosen, exact_losses=False)
    return Parameters(chosen, design or Design(), outcomes=outcomes)


def _groups() -> Iterator[tuple[str, Any]]:
    for scenario in _SCENARIOS:
        yield f"Scenario {scenario.name}", scenario
    for group in (
        Design(),
        Schedule(),
        Characteristics(),
        *OUTCOMES,
        Latent(),
        Losses(),
        NonResponse(),
        Experience(),
        Themes(),
        DirtCounts(),
    ):
        yield type(group).__name__, group


def parameter_table() -> pd.DataFrame:
    """Group, name, value, tag and source of every parameter, in the order of this file."""
    rows = [
        (group, item.name, getattr(values, item.name), item.metadata.get("tag"), item.metadata.get("source"))
        for group, values in _groups()
        for item in fields(values)
        if item.metadata
    ]
    return pd.DataFrame(rows, columns=["group", "parameter", "value", "tag", "source"])
