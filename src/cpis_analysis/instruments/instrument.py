"""What an instrument is: its items, its scores, the settings it accepts, and how sure we are of each.

Plain descriptions that load without data, so that a plan can be checked before anything runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from .item_rules import ItemRule
    from .scale import Scored

Values = Mapping[str, Any]


def _no_problem(values: Values) -> Sequence[tuple[str, str]]:
    return ()


@dataclass(frozen=True)
class ScoreInfo:
    """One score column: what it means and how far its rule has been verified.

    Attributes
    ----------
    name : str
        Column name.
    label : str
        Name for tables and figures.
    low, high : float
        Smallest and largest possible score.
    higher_is : str
        ``"better"`` or ``"worse"``.
    verified : bool
        True where items, range, direction and formula were read in a public source.
    note : str
        What is unverified and why; empty only if nothing is.
    source : str
        Where the rule comes from.
    missing_rule : str
        When the score is computed although items are missing, in words.
    """

    name: str
    label: str
    low: float
    high: float
    higher_is: str
    verified: bool
    note: str
    source: str
    missing_rule: str


@dataclass(frozen=True)
class MinimalDifference:
    """A published difference that matters, in score points.

    Attributes
    ----------
    between_groups, within_person : float or None
        Smallest difference between two groups, and smallest change in one person.
    basis : str
        How it was derived: a minimal important difference is not a measurement-error threshold.
    source : str
        Where it was found.
    """

    between_groups: float | None
    within_person: float | None
    basis: str
    source: str


@dataclass(frozen=True)
class Setting:
    """One setting of an instrument, with its default and what is allowed.

    Attributes
    ----------
    name, description : str
        Key in the plan, and what it does.
    default : object
        Value where the plan says nothing; None where there is none.
    kind : str
        ``text``, ``boolean``, ``integer``, ``number``, ``numbers`` (one number or one an item), ``choice``,
        ``column``, ``columns`` or ``item_map`` (name -> list of item numbers).
    choices : tuple of str
        Allowed words of a ``choice``, allowed keys of an ``item_map``.
    low, high : float, optional
        Bounds of a number, or of the item numbers of an ``item_map``.
    length : int, optional
        Number of columns wanted.
    required : bool
        True where the plan must give a value.
    """

    name: str
    description: str
    default: Any = None
    kind: str = "text"
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    length: int | None = None
    required: bool = False

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        if self.kind == "choice":
            return ", ".join(self.choices)
        if self.kind == "boolean":
            return "true, false"
        if self.kind in {"integer", "number"}:
            return f"{'a whole number' if self.kind == 'integer' else 'a number'}{self._bounds}"
        if self.kind == "numbers":
            return "a number, or a list with one number for each item"
        if self.kind == "columns":
            return f"a list of {self.length or 'at least one'} different column names"
        if self.kind == "item_map":
            return f"a list of item numbers{self._bounds} for each of {', '.join(self.choices)}"
        return "a column name" if self.kind == "column" else "text"

    @property
    def _bounds(self) -> str:
        if self.low is not None and self.high is not None:
            return f" from {self.low:g} to {self.high:g}"
        if self.low is not None:
            return f" of at least {self.low:g}"
        return ""

    def accepts(self, value: Any) -> bool:
        """Tell whether a value from the plan is of the right kind and within bounds."""
        if value is None:
            return not self.required
        if self.kind == "choice":
            return isinstance(value, str) and value in self.choices
        if self.kind == "boolean":
            return isinstance(value, bool)
        if self.kind == "integer":
            return _is_number(value) and float(value).is_integer() and self._within(value)
        if self.kind == "number":
            return _is_number(value) and self._within(value)
        if self.kind == "numbers":
            return _is_number(value) or (_is_list(value) and all(_is_number(one) for one in value))
        if self.kind == "columns":
            return self._accepts_columns(value)
        if self.kind == "item_map":
            return self._accepts_item_map(value)
        return isinstance(value, str) and bool(value.strip())

    def _within(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def _accepts_columns(self, value: Any) -> bool:
        if not _is_list(value) or not all(isinstance(one, str) and one for one in value):
            return False
        wanted = len(value) == self.length if self.length else len(value) > 0 or not self.required
        return wanted and len(set(value)) == len(value)

    def _accepts_item_map(self, value: Any) -> bool:
        if not isinstance(value, Mapping) or set(value) != set(self.choices):
            return False
        if not all(_is_list(numbers) and numbers for numbers in value.values()):
            return False
        numbers = [number for group in value.values() for number in group]
        whole = all(_is_number(number) and float(number).is_integer() for number in numbers)
        return whole and all(map(self._within, numbers)) and len(set(numbers)) == len(numbers)


@dataclass(frozen=True)
class Instrument:
    """A questionnaire, index or rating and its scoring rule.

    Attributes
    ----------
    name : str
        Key in the registry.
    label : str
        Full name.
    items : tuple of str
        Default item columns at a wave.
    scores : tuple of ScoreInfo
        Score columns under the default settings.
    settings : tuple of Setting
        What the plan may set, ``COMMON_SETTINGS`` excepted.
    describe : callable
        (score name, settings) -> the score columns under these settings.
    required : callable
        (settings) -> columns that the data must have.
    score : callable
        (frame, score name, settings) -> {column: Scored}.
    check : callable
        (settings) -> pairs of setting name and message, for settings that contradict each other.
    minimal_important_difference : MinimalDifference, optional
        Where one was found.
    item_rules : callable, optional
        (score name, settings) -> by score column, what complete answers make; the first is over all items. None where
        scores are no sums, means or tables of sums, or not everybody is asked the same items.
    answers : callable, optional
        (frame, settings) -> answers as these rules read them, (rows, items); None where they are the items themselves.
    """

    name: str
    label: str
    items: tuple[str, ...]
    scores: tuple[ScoreInfo, ...]
    settings: tuple[Setting, ...]
    describe: Callable[[str, Values], tuple[ScoreInfo, ...]]
    required: Callable[[Values], list[str]]
    score: Callable[[pd.DataFrame, str, Values], dict[str, Scored]]
    check: Callable[[Values], Sequence[tuple[str, str]]] = _no_problem
    minimal_important_difference: MinimalDifference | None = None
    item_rules: Callable[[str, Values], Mapping[str, ItemRule]] | None = None
    answers: Callable[[pd.DataFrame, Values], np.ndarray] | None = None

    @property
    def accepted(self) -> dict[str, Setting]:
        """Every accepted setting by name, the common ones included."""
        return {setting.name: setting for setting in (*COMMON_SETTINGS, *self.settings)}

    @property
    def defaults(self) -> dict[str, Any]:
        """The value of each setting where the plan says nothing."""
        return defaults_of(self.settings)


COMMON_SETTINGS = (
    Setting("instrument", "Which instrument; not needed where the score bears the instrument's name."),
    Setting("label", "Name of the score in tables and figures, in place of the instrument's own."),
    Setting(
        "confirmed",
        "Who confirmed the scoring rule, and against what (such as 'user guide p. 8, checked by AB'). "
        "Lifts the unverified mark; the text is shown in its place.",
    ),
)


def defaults_of(settings: Sequence[Setting]) -> dict[str, Any]:
    """Value of each setting, the common ones included, where the plan says nothing."""
    return {setting.name: setting.default for setting in (*COMMON_SETTINGS, *settings)}


def numbered(stem: str, count: int) -> tuple[str, ...]:
    """Item columns ``stem_01`` to ``stem_<count>``."""
    return tuple(f"{stem}_{number:02d}" for number in range(1, count + 1))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)
