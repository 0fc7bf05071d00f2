"""Conditions on variables, written as people say them: a small language, read by `condition_parser`.

Grammar
-------
::

    condition  = both {"or" both}
    both       = single {"and" single}
    single     = "not" single | "(" condition ")" | comparison
    comparison = name                                           a truth value, such as has_6m
               | name ("==" | "!=" | "<" | "<=" | ">" | ">=") value
               | name ["not"] "in" "[" literal {"," literal} "]"
               | name "is" ["not"] "missing"
    value      = literal | name
    literal    = text in quotes | number | "true" | "false"

Missing values: a comparison with a missing value is neither true nor false (``is missing`` is always one of them);
``not``, ``and`` and ``or`` follow Kleene. A condition selects where it is true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
WORDS = ("and", "or", "not", "in", "is", "missing", "true", "false")


@dataclass(frozen=True)
class Literal:
    """A text, a number or a truth value."""

    value: str | float | bool

    def __str__(self) -> str:
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        if isinstance(self.value, float):
            return repr(int(self.value)) if self.value.is_integer() and abs(self.value) < 1e15 else repr(self.value)
        return f'"{self.value}"' if '"' not in self.value else f"'{self.value}'"

    @property
    def code(self) -> str:
        """The value as a code of a categorical variable."""
        return str(self) if not isinstance(self.value, str) else self.value


@dataclass(frozen=True)
class Variable:
    """The value of a variable."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Truth:
    """A variable that is true by itself."""

    variable: str

    def __str__(self) -> str:
        return self.variable


@dataclass(frozen=True)
class Comparison:
    """A variable against a value or another variable."""

    variable: str
    operator: str
    value: Literal | Variable

    def __str__(self) -> str:
        return f"{self.variable} {self.operator} {self.value}"


@dataclass(frozen=True)
class Membership:
    """A variable against a list of values."""

    variable: str
    values: tuple[Literal, ...]
    negated: bool = False

    def __str__(self) -> str:
        return f"{self.variable} {'not ' * self.negated}in [{', '.join(map(str, self.values))}]"


@dataclass(frozen=True)
class Missing:
    """Whether a variable has a value."""

    variable: str
    negated: bool = False

    def __str__(self) -> str:
        return f"{self.variable} is {'not ' * self.negated}missing"


@dataclass(frozen=True)
class Not:
    """The opposite."""

    part: Condition

    def __str__(self) -> str:
        return f"not {_bracketed(self.part, (And, Or))}"


@dataclass(frozen=True)
class And:
    """All parts."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " and ".join(_bracketed(part, (Or,)) for part in self.parts)


@dataclass(frozen=True)
class Or:
    """Any part."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " or ".join(map(str, self.parts))


Condition = Truth | Comparison | Membership | Missing | Not | And | Or


def variables_of(condition: Condition) -> tuple[str, ...]:
    """Sorted names of the variables that a condition uses."""
    names: set[str] = set()
    for part in comparisons(condition):
        names.add(part.variable)
        if isinstance(part, Comparison) and isinstance(part.value, Variable):
            names.add(part.value.name)
    return tuple(sorted(names))


def comparisons(condition: Condition) -> Iterator[Truth | Comparison | Membership | Missing]:
    """The comparisons of a condition, from left to right."""
    if isinstance(condition, Not):
        yield from comparisons(condition.part)
    elif isinstance(condition, And | Or):
        for part in condition.parts:
            yield from comparisons(part)
    else:
        yield condition


def _bracketed(part: Condition, kinds: tuple[type, ...]) -> str:
    return f"({part})" if isinstance(part, kinds) else str(part)
