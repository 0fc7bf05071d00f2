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

from cpis_analysis.synthetic.parameter_tags import COMMUNITY, FINDINGS, assumed, found
from cpis_analysis.synthetic.parameters_fieldwork import DirtCounts, Losses, NonResponse, Schedule
from cpis_analysis.synthetic.parameters_outcomes import OUTCOMES, Outcome

DEFAULT_SEED = 20180214


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


@dataclass(frozen=True)
class Latent:
    """What holds the outcomes of a person, a team and a trust together."""

    recovery_persistence: float = assumed(0.70, "six-month correlation of the recovery factor")
    cluster_persistence: float = assumed(0.70, "six-month correlation of team and trust effects")
    goals_set: tuple[float, float] = assumed((0.70, 0.40), "shares of people with a second and a third goal")
    heaped: float = assumed(0.70, "share of EQ-VAS answers on a multiple of five")


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
