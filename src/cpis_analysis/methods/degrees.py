"""Methods of degrees of freedom: what each is called, where it comes from, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cpis_analysis.study_words import PEOPLE

Settings = Any
"""What a description reads of an analysis by the names of the plan's keys: a specification, or a model of the plan."""


@dataclass(frozen=True)
class Refused:
    """Something of a model that its method can't do.

    Attributes
    ----------
    key : str
        Of the model.
    message : str
    value, allowed, hint : str, optional
        As in `errors.Problem`.
    """

    key: str
    message: str
    value: str | None = None
    allowed: str | None = None
    hint: str | None = None


def nothing_refused(model: Settings) -> Sequence[Refused]:
    """The check of what refuses nothing."""
    return ()


@dataclass(frozen=True)
class Policy:
    """What becomes of a variance at zero: in a footnote, and explained."""

    words: str
    explanation: str


BOUNDARIES = {
    "keep": Policy(
        "a variance estimated at zero stays in the Kenward-Roger calculation",
        "keep: a variance estimated as zero stays among the estimated variances, as pbkrtest does, so the "
        "interval still allows for not knowing it",
    ),
    "drop": Policy(
        "a variance estimated at zero is left out of the Kenward-Roger calculation",
        "drop: a variance estimated as zero is left out, as if it were known to be zero",
    ),
}


@dataclass(frozen=True)
class Degrees:
    """One method of degrees of freedom, or what stands in their place.

    Attributes
    ----------
    name : str
        As results call it.
    words : str
        In tables and footnotes.
    explanation : str
        What it is, in a sentence without a full stop; ``{counted}`` stands for that of `explained`.
    key : str
        Value of the key ``df``; default: the name.
    statistic : str
        Letter of the test.
    estimated : bool
        Whether they follow from the estimated variances, so that a design can't count them.
    counts_clusters : bool
        Whether they allow for how few clusters there are.
    policy : bool
        Whether the key ``boundary`` makes a difference.
    by_pseudo_likelihood : bool
        Whether a generalised model is fitted by restricted pseudo-likelihood for them.
    of_contrast : bool
        Whether it is a test of one contrast, made beside the fit with settings of its own (`OptimalSpec`).
    resampled : bool
        Whether p-value and interval come from resamples of the data, so that there is no standard error behind them.
    tabled : str
        What a p-value is where a test has a few levels only, so that it compares with no other; no full stop.
    beside : str
        Name of the method that stands beside it, and by which other programs run the same model.
    elsewhere : str
        What other programs' code does instead.
    unmoved : str
        Why there can be no tipping point; empty if there can.
    single_people : bool
        Whether they hold where clusters of some arms stand against single people of others, whom a count would take for
        clusters.
    check : callable
        What it refuses of a model's keys.
    note, after, sentence, terminal : callable, optional
        (settings) -> what a footnote says, what follows the name in a list, the explanation, and a line on the
        terminal, where the defaults do not serve.
    """

    name: str
    words: str
    explanation: str
    key: str = ""
    statistic: str = "t"
    estimated: bool = False
    counts_clusters: bool = True
    policy: bool = False
    by_pseudo_likelihood: bool = False
    of_contrast: bool = False
    resampled: bool = False
    tabled: str = ""
    beside: str = ""
    elsewhere: str = ""
    unmoved: str = ""
    single_people: bool = False
    check: Callable[[Settings], Sequence[Refused]] = nothing_refused
    note: Callable[[Settings], str] | None = None
    after: Callable[[Settings], str] | None = None
    sentence: Callable[[Settings], str] | None = None
    terminal: Callable[[Settings], str] | None = None

    @property
    def in_plan(self) -> str:
        """Value of the key ``df``."""
        return self.key or self.name

    def footnote(self, spec: Settings) -> str:
        """How test and interval are made, to stand after what the model is."""
        if self.note:
            return self.note(spec)
        return f"degrees of freedom: {self.words}{self.in_list(spec)}"

    def in_list(self, spec: Settings) -> str:
        """What follows its name in a list, with its own punctuation; empty where nothing does."""
        if self.after:
            return self.after(spec)
        return f"; {BOUNDARIES[spec.boundary].words}" if self.policy else ""

    def explained(self, spec: Settings, counted: str = "clusters") -> list[str]:
        """Sentences on the inference of an analysis; `counted` is of what there are few."""
        own = f"{self.explanation.format(counted=counted)}."
        text = self.sentence(spec) if self.sentence else own
        zero = [f"Variances at zero: {BOUNDARIES[spec.boundary].explanation}."] if self.policy else []
        return [f"Inference: {text}", *zero]

    def on_terminal(self, spec: Settings) -> str:
        """What the terminal says of it after the model."""
        if self.terminal:
            return self.terminal(spec)
        return f"df by {self.name}" + (f", boundary {spec.boundary}" if self.policy else "")


KENWARD_ROGER = Degrees(
    name="kenward-roger",
    words="Kenward-Roger",
    explanation="Kenward-Roger: standard error and degrees of freedom allow for the variances being estimated "
    "from a limited number of {counted} (Kenward & Roger 1997)",
    estimated=True,
    policy=True,
    single_people=True,
)
SATTERTHWAITE = Degrees(
    name="satterthwaite",
    words="Satterthwaite",
    explanation="Satterthwaite: degrees of freedom from the precision of the estimated variances",
    estimated=True,
    single_people=True,
)
BETWEEN_WITHIN = Degrees(
    name="between-within",
    words="clusters less parameters",
    explanation=f"between-within: degrees of freedom are counted, clusters (or {PEOPLE}) less parameters at the "
    "level at which the effect varies",
    single_people=True,
)
CLUSTERS_LESS_TWO = Degrees(
    name="clusters-2",
    words="clusters less two",
    explanation="clusters less two",
)
CLUSTERS_LESS_ARMS = Degrees(
    name="clusters-arms",
    words="clusters less arms",
    explanation="clusters less the number of arms",
)
CLUSTERS_LESS_ONE = Degrees(
    name="clusters-1",
    words="clusters less one",
    explanation="clusters less one",
)
RESIDUAL = Degrees(
    name="residual",
    words="residual",
    explanation="residual: rows less fixed effects; takes no account of how many clusters there are",
    counts_clusters=False,
)
NORMAL = Degrees(
    name="z",
    words="normal distribution",
    explanation="normal distribution: takes no account of how many clusters there are",
    statistic="z",
    counts_clusters=False,
)
PSEUDO_KENWARD_ROGER = Degrees(
    name="pseudo-likelihood, kenward-roger",
    key="pseudo-kenward-roger",
    words="Kenward-Roger by restricted pseudo-likelihood",
    explanation="Kenward-Roger on the last linear model of a restricted pseudo-likelihood: standard error and degrees "
    "of freedom allow for the variances being estimated (Wolfinger & O'Connell 1993; Kenward & Roger 1997)",
    estimated=True,
    by_pseudo_likelihood=True,
    single_people=True,
)
PSEUDO_BETWEEN_WITHIN = Degrees(
    name="pseudo-likelihood, between-within",
    key="pseudo-between-within",
    words="clusters less parameters, by restricted pseudo-likelihood",
    explanation=f"between-within: degrees of freedom are counted, clusters (or {PEOPLE}) less parameters at the level "
    "at which the effect varies; the model is fitted by restricted pseudo-likelihood (Wolfinger & O'Connell 1993)",
    by_pseudo_likelihood=True,
    single_people=True,
)
