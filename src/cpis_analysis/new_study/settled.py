"""What is settled about a new study: which column is what, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cpis_analysis.new_study.raw_files import RawFile
from cpis_analysis.plan.naming import Noun
from cpis_analysis.study_words import A_PERSON

ROWS = {
    "person": f"{A_PERSON}, with all waves in columns",
    "person-and-wave": f"{A_PERSON} at one wave",
    "visit": f"{A_PERSON} at the one wave of the file",
    "cluster": "a cluster, such as a school or a practice",
}
"""What a row may be."""
SAID = "as was said"
"""The reason for what the caller said."""


@dataclass(frozen=True)
class Told:
    """What the caller says; None or empty where it is left to be told from the files.

    Attributes
    ----------
    row, person, arm, reference, wave : str or None
        ``person`` is ``none`` where no column names the person.
    clusters, outcomes, characteristics, ignore, lower_is_better, compared : tuple of str or None
    events : mapping of str to str
        By outcome: the code that is the event.
    outcome_columns : mapping of str to tuple of str
        By outcome: its columns in the order of the waves, where their names do not tell them.
    kinds : mapping of str to str
        By outcome: what kind of outcome it is.
    orders : mapping of str to tuple of str
        By outcome: its answers, the lowest first.
    times, exposures : mapping of str to str
        By outcome: the column with the time until the event, or in what each count was made.
    months : mapping of str to float
        By wave as written: months after the start.
    nouns : mapping of str to str
        By column of clusters, or wave as written: what one, or several, are called.
    people : str or None
        What one, or several, of those who take part are called: ``pupil``, ``Schulkind/Schulkinder``.
    title : str or None
    randomised, baseline : bool or None
        ``baseline``: whether the first of several waves lies before the intervention.
    """

    row: str | None = None
    person: str | None = None
    arm: str | None = None
    reference: str | None = None
    wave: str | None = None
    clusters: tuple[str, ...] | None = None
    outcomes: tuple[str, ...] | None = None
    characteristics: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    lower_is_better: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    events: Mapping[str, str] = field(default_factory=dict)
    outcome_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    times: Mapping[str, str] = field(default_factory=dict)
    exposures: Mapping[str, str] = field(default_factory=dict)
    months: Mapping[str, float] = field(default_factory=dict)
    nouns: Mapping[str, str] = field(default_factory=dict)
    people: str | None = None
    title: str | None = None
    randomised: bool | None = None
    baseline: bool | None = None


@dataclass(frozen=True)
class WaveOf:
    """One wave.

    Attributes
    ----------
    written : str
        In the column of a long file, in the names of a wide file's columns, or as the caller said of a file.
    name, label : str
    months : float
    """

    written: str
    name: str
    label: str
    months: float


@dataclass(frozen=True)
class Beside:
    """A variable that an outcome needs beside itself.

    Attributes
    ----------
    key : {'time', 'exposure'}
        What the plan calls it: the time until an event, or in what each count was made.
    title : str
    columns : mapping of str to str
        By the wave as written.
    """

    key: str
    title: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class OutcomeOf:
    """One outcome.

    Attributes
    ----------
    title : str
        Column, or what the columns of all waves have in common.
    columns : mapping of str to str
        Column at each wave at which it is measured, by the wave as written.
    kind : {'continuous', 'binary', 'ordinal', 'count', 'time_to_event'}
    event : str
        binary, time_to_event: the code of the event.
    higher_is : {'better', 'worse'}
    reason : str
    categories, not_given : tuple of str
        ordinal: codes in order, the lowest first, and those that are none of them.
    beside : Beside or None
        time_to_event: the time. count: the exposure, where there is one.
    other : str
        What else it could be: the options that would say so.
    """

    title: str
    columns: Mapping[str, str]
    kind: str
    event: str
    higher_is: str
    reason: str
    categories: tuple[str, ...] = ()
    not_given: tuple[str, ...] = ()
    beside: Beside | None = None
    other: str = ""

    @property
    def is_event(self) -> bool:
        """Whether it is an event that happened or not, whenever it did."""
        return self.kind in ("binary", "time_to_event")


@dataclass(frozen=True)
class Settled:
    """A study that a plan can be written of.

    Attributes
    ----------
    files : tuple of RawFile
    row : str
        One of `ROWS`.
    person : str
        Column; empty if people have no number.
    arm, reference : str
    compared : tuple of str
        Codes of the arms, where not all take part.
    clusters : tuple of str
        Columns, the largest clusters first.
    arms_with_clusters : tuple of str
        Codes of the only arms that have the clusters of the last column; empty where all have.
    people : Noun
        What those who take part are called.
    wave_column : str
        Of a long file.
    waves : tuple of WaveOf
    baseline : bool
        Whether the first of several waves lies before the intervention.
    outcomes : tuple of OutcomeOf
        The primary first.
    characteristics, adjusted, ignored : tuple of str
        Columns; `adjusted` are values of the outcome before the intervention that stand in a column of their own.
    nouns : mapping of str to str
    title : str
    randomised : bool
    reasons : mapping of str to str
        Why, by what was settled.
    remarks : tuple of str
        What could not be told.
    """

    files: tuple[RawFile, ...]
    row: str
    person: str
    arm: str
    reference: str
    compared: tuple[str, ...]
    clusters: tuple[str, ...]
    arms_with_clusters: tuple[str, ...]
    people: Noun
    wave_column: str
    waves: tuple[WaveOf, ...]
    baseline: bool
    outcomes: tuple[OutcomeOf, ...]
    characteristics: tuple[str, ...]
    adjusted: tuple[str, ...]
    ignored: tuple[str, ...]
    nouns: Mapping[str, str]
    title: str
    randomised: bool
    reasons: Mapping[str, str]
    remarks: tuple[str, ...]
