"""What an estimator is: its names, the keys of the plan it takes, what it refuses, and where its code stands.

Plain descriptions that load without data and without libraries, so that a plan can be checked before anything runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cpis_analysis.methods.degrees import Degrees, Refused, Settings, nothing_refused

__all__ = ["OUTCOME_TYPES", "Degrees", "Method", "Refused", "Settings", "Surroundings", "listed"]

OUTCOME_TYPES = ("continuous", "bounded_count", "binary", "ordinal", "count")


@dataclass(frozen=True)
class Surroundings:
    """What an explanation says of an analysis and its specification alone does not tell.

    Attributes
    ----------
    random : str
        The random part in words; empty where the formula has none.
    unit, units : str
        What the study calls the clusters that the method works by, in the singular and in the plural.
    trusts : str
        What it calls the clusters of the upper level, in the plural.
    counted : str
        Of what there are few: clusters, or people where there are no clusters.
    """

    random: str
    unit: str
    units: str
    trusts: str
    counted: str = "clusters"


def _never(spec: Settings) -> bool:
    return False


def _no_words(spec: Settings) -> str:
    return ""


def _over_people(spec: Settings) -> str:
    return "people"


def _robust(fixed: bool) -> str:
    return "fixed, robust variance" if fixed else "robust variance"


@dataclass(frozen=True)
class Method:
    """One estimator.

    The callables take a `Settings`: a specification of an analysis, or a model of the plan.

    Attributes
    ----------
    name : str
        Value of the key ``estimator``.
    about : str
        What it is, for the page of all keys; no full stop.
    words : str
        What a model is, as footnotes and methods sections say it.
    short : str
        The same in a list of choices.
    fit : str
        ``module:function`` of what fits it, the module by its name in `analyses.estimators` (``.mixed``):
        (spec, rows, around) -> `analyses.fitted.Fitted`.
    degrees : tuple of Degrees
        Its methods of degrees of freedom; the first is the one that the plan need not name.
    explained : callable
        (settings, surroundings) -> sentences on model and inference.
    worded : callable, optional
        settings -> `words` with what the settings make of the model, where that belongs into a footnote.
    called : str
        What messages on the plan call it; default: the name.
    article : str
        What stands before `words` in a sentence, with a space.
    line : callable
        (settings, what the study calls the clusters) -> the method in a line that lists analyses; default: `short`.
    details : callable
        With its settings, on the terminal; default: `line`.
    test : callable
        The test by its own name, where that says more than the degrees of freedom do.
    keys : tuple of str
        Keys of a model that it takes beyond those that all methods take.
    refuses : mapping of str to str
        Why it has not a key of other methods, where "only ... has the key" says too little.
    check : callable
        What else it refuses of a model's keys.
    random_part : bool
        Whether its formulas have a random part: they need one, or must not have one.
    random_optional : bool
        Whether formulas without a random part will do where it takes one.
    long_rows : bool
        Whether it takes one row an interview.
    other_effects, contrasts : bool
        Whether it reports other effects than the difference between the arms, and further contrasts.
    outcome_types : tuple of str
        Types of outcome that it is for.
    families : mapping of str to tuple of str
        Distributions that it has for a type of outcome, the one that the plan need not name first; empty for methods
        that assume none.
    scales : mapping of str to str
        Name of the scale on which the effect is reported (`plan.outcome_scale`), by family; empty where the left side
        of the formula says it.
    takes_exposure : bool
        Whether it compares rates where the outcome is a count of different lengths of time.
    standardises : bool
        Whether risks or means of the people analysed stand beside an effect on another scale.
    by_design : bool
        Whether it takes the level at which the arm varies from the data, and its test with it.
    shifts_missing : bool
        Whether it predicts for people without the outcome, as tipping points need.
    weighted : bool
        Whether rows may be weighted by the inverse of their chance to be there: its standard errors must hold then.
    weights : callable
        What its average is over: ``people`` or ``clusters``, each counting once, ``variances``: both, weighted by
        the estimated variances, ``design``: clusters where the arm varies within the upper ones, else people, or
        ``allocated``: clusters of the level at which the arm varies.
    averages_over_people : callable
        Whether it reports a difference averaged over people, whatever the arm interacts with.
    log_odds : callable
        Whether its coefficients are logarithms of odds, while the effect is on the scale of the outcome.
    of_cluster : callable
        (whether the clusters are also in the fixed part) -> how it allows for them, in a list of choices.
    granted : callable
        What its p-value takes for granted beside the model of the mean, as a clause in which {trust} and {trusts} stand
        for what the study calls the largest clusters; empty where nobody asks.
    exchanges : bool
        Whether it exchanges the arms of clusters, so that several outcomes can be had under the same allocations.
    counted : str
        Degrees of freedom by which a forecast runs it, where its own need variances.
    second_opinion : bool
        Whether statsmodels can fit the same model.
    single_people : bool
        Whether it holds its size where clusters of some arms stand against single people of others
        (benchmarks/one_arm_clusters.py).
    many : str
        ``module:function`` of what analyses many responses at once, for simulations, the module by its name in
        `operating.estimators`; empty for none.
    one_by_one : bool
        Whether that fits one response after the other, so that fewer are simulated.
    translation : str
        Module with the same analysis in other programs and as an equation, by its name in `translate.estimators`;
        empty for none.
    """

    name: str
    about: str
    words: str
    short: str
    fit: str
    degrees: tuple[Degrees, ...]
    explained: Callable[[Settings, Surroundings], Sequence[str]]
    worded: Callable[[Settings], str] | None = None
    called: str = ""
    article: str = ""
    line: Callable[[Settings, str], str] | None = None
    details: Callable[[Settings], str] | None = None
    test: Callable[[Settings], str] = _no_words
    keys: tuple[str, ...] = ()
    refuses: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[Settings], Sequence[Refused]] = nothing_refused
    random_part: bool = False
    random_optional: bool = False
    long_rows: bool = False
    other_effects: bool = False
    contrasts: bool = False
    outcome_types: tuple[str, ...] = OUTCOME_TYPES
    families: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scales: Mapping[str, str] = field(default_factory=dict)
    takes_exposure: bool = False
    standardises: bool = False
    by_design: bool = False
    shifts_missing: bool = False
    weighted: bool = False
    weights: Callable[[Settings], str] = _over_people
    averages_over_people: Callable[[Settings], bool] = _never
    log_odds: Callable[[Settings], bool] = _never
    of_cluster: Callable[[bool], str] = _robust
    granted: Callable[[Settings], str] = _no_words
    exchanges: bool = False
    counted: str = ""
    second_opinion: bool = False
    single_people: bool = False
    many: str = ""
    one_by_one: bool = False
    translation: str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        """Those of its keys that a model must have: the clusters, where it works by them."""
        return ("cluster",) if "cluster" in self.keys else ()

    @property
    def noun(self) -> str:
        """What messages on the plan call it."""
        return self.called or self.name

    def in_words(self, spec: Settings) -> str:
        """What a model is, as footnotes and methods sections say it."""
        return self.worded(spec) if self.worded else self.words

    def in_line(self, spec: Settings, unit: str) -> str:
        """The method in a line that lists analyses; `unit` is what the study calls the clusters."""
        return self.line(spec, unit) if self.line else self.short

    def in_detail(self, spec: Settings) -> str:
        """The method with its settings, on the terminal."""
        return self.details(spec) if self.details else self.in_line(spec, str(spec.cluster))

    def own(self, model: Settings, key: str, absent: Any) -> Any:
        """Value of a key in a model, or `absent` where this method does not take the key."""
        return getattr(model, key) if key in self.keys else absent

    def family_of(self, model: Settings, outcome_type: str) -> str:
        """The distribution of an outcome in a model of the plan; empty where the method assumes none."""
        if not self.families:
            return ""
        return str(model.family or self.families.get(outcome_type, ("",))[0])

    def degrees_for(self, key: str) -> Degrees:
        """Degrees of freedom by the value of the key ``df``; those of the method where it does not take the key."""
        found = [one for one in self.degrees if "df" in self.keys and one.in_plan == key]
        return found[0] if found else self.degrees[0]


def listed(items: Iterable[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"; nothing of nothing."""
    parts = list(items)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}" if len(parts) > 1 else "".join(parts)
