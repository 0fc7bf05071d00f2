"""Parameters of the instruments: their items and what their totals should look like."""

from __future__ import annotations

from dataclasses import dataclass

from cpis_analysis.synthetic.parameter_tags import assumed, computed, found, known


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
