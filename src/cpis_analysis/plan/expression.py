"""Conditions on variables, written as people say them and read without running any code.

A tokeniser and a recursive descent parser for a small language; nothing in a condition is ever evaluated as Python.

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

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

from cpis_analysis.errors import PlanError, Problem, did_you_mean

__all__ = [
    "And",
    "Comparison",
    "Condition",
    "Literal",
    "Membership",
    "Missing",
    "Not",
    "Or",
    "Truth",
    "Variable",
    "comparisons",
    "parse_condition",
    "variables_of",
]

COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
WORDS = ("and", "or", "not", "in", "is", "missing", "true", "false")
DEEPEST = 40
LONGEST = 2000

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<number>[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)"
    r"|(?P<mark>==|!=|<=|>=|<|>|\(|\)|\[|\]|,)|(?P<bad>\S))"
)


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


def parse_condition(text: str) -> Condition:
    """Read a condition; ``str()`` of the result is its canonical text, which reads back to the same.

    Raises
    ------
    PlanError
        With the problem, its position (counted from 1) and what would have been right.
    """
    if len(text) > LONGEST:
        raise _Stop.error(text, Problem("the condition is too long", allowed=f"at most {LONGEST} characters"))
    try:
        return _Parser(text).whole()
    except _Stop as stop:
        raise _Stop.error(text, stop.problem) from None


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


class _Stop(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem

    @staticmethod
    def error(text: str, problem: Problem) -> PlanError:
        shown = text.strip() if len(text) <= 200 else text.strip()[:200] + "…"
        return PlanError(f"The condition '{shown}' can't be read.", [problem])


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str, int]] = []
        for match in _TOKEN.finditer(text):
            kind = str(match.lastgroup)
            place = match.start(kind) + 1
            if kind == "bad":
                raise _Stop(_bad_character(text, place, match[kind]))
            self.tokens.append((kind, match[kind], place))
        self.tokens.append(("end", "end of the condition", len(text) + 1))
        self.index = 0
        self.depth = 0

    def stop(self, message: str, place: int, value: str | None = None, **more: Any) -> _Stop:
        return _Stop(Problem(f"position {place}: {message}", value=value, **more))

    @property
    def token(self) -> tuple[str, str, int]:
        return self.tokens[self.index]

    def at(self, *words: str) -> bool:
        kind, text, _ = self.token
        return kind in ("name", "mark") and text in words

    def take(self) -> tuple[str, str, int]:
        token = self.token
        if token[0] != "end":
            self.index += 1
        return token

    def expect(self, mark: str) -> None:
        if not self.at(mark):
            raise self.stop(f"'{mark}' is missing here", self.token[2], self.token[1])
        self.take()

    def whole(self) -> Condition:
        condition = self.condition()
        kind, text, place = self.token
        if kind != "end":
            hint = "write == for 'equals'" if text == "=" else did_you_mean(text, ("and", "or", "in", "is"))
            raise self.stop("'and' or 'or' is missing before this", place, text, hint=hint)
        return condition

    def condition(self) -> Condition:
        parts = [self.both()]
        while self.at("or"):
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Or(_flat(parts, Or))

    def both(self) -> Condition:
        parts = [self.single()]
        while self.at("and"):
            self.take()
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else And(_flat(parts, And))

    def single(self) -> Condition:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.stop("nested too deeply", self.token[2])
        try:
            if self.at("not"):
                self.take()
                return Not(self.single())
            if self.at("("):
                self.take()
                inner = self.condition()
                self.expect(")")
                return inner
            return self.comparison()
        finally:
            self.depth -= 1

    def comparison(self) -> Condition:
        kind, name, place = self.take()
        if kind != "name" or name in WORDS:
            value = kind in ("text", "number")
            message = "a comparison begins with a variable" if value else "a variable is missing here"
            raise self.stop(message, place, name, allowed='such as age >= 18 or trust != "C"')
        if self.at(*COMPARISONS):
            operator = self.take()[1]
            return Comparison(name, operator, self.value())
        if self.at("in"):
            self.take()
            return Membership(name, self.values())
        if self.at("not"):
            self.take()
            self.expect("in")
            return Membership(name, self.values(), negated=True)
        if self.at("is"):
            self.take()
            negated = self.at("not")
            if negated:
                self.take()
            self.expect("missing")
            return Missing(name, negated)
        return Truth(name)

    def value(self) -> Literal | Variable:
        kind, text, _ = self.token
        if kind == "name" and text not in WORDS:
            self.take()
            return Variable(text)
        return self.literal()

    def values(self) -> tuple[Literal, ...]:
        closing = ")" if self.at("(") else "]"
        if not self.at("[", "("):
            raise self.stop("a list is missing here", self.token[2], self.token[1], allowed='such as ["A", "B"]')
        self.take()
        found = [self.literal()]
        while self.at(","):
            self.take()
            found.append(self.literal())
        self.expect(closing)
        return tuple(found)

    def literal(self) -> Literal:
        kind, text, place = self.take()
        if kind == "text":
            return Literal(text[1:-1])
        if kind == "number":
            number = float(text)
            if not isfinite(number):
                raise self.stop("the number is too large", place, text)
            return Literal(number)
        if kind == "name" and text in ("true", "false"):
            return Literal(text == "true")
        hint = f'a code stands in quotes: "{text}"' if kind == "name" else None
        raise self.stop(
            "a value is missing here", place, text, allowed="text in quotes, a number, true, false", hint=hint
        )


def _flat(parts: list[Condition], kind: type[And] | type[Or]) -> tuple[Condition, ...]:
    """``a and (b and c)`` is ``a and b and c``: one canonical form."""
    return tuple(inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,)))


def _bad_character(text: str, place: int, character: str) -> Problem:
    hints = {
        "=": "write == for 'equals'",
        "&": "write and",
        "|": "write or",
        "!": "write not",
        '"': "a quotation mark is missing",
        "'": "a quotation mark is missing",
    }
    return Problem(
        f"position {place}: this character has no meaning in a condition", value=character, hint=hints.get(character)
    )
