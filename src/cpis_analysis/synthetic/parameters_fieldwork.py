"""Parameters of the fieldwork: its calendar, losses, gaps and dirt."""

from __future__ import annotations

from dataclasses import dataclass

from cpis_analysis.synthetic.parameter_tags import FINDINGS, REGISTRY, assumed, computed, found


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
