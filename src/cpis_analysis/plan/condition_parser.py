"""Reads conditions: a tokeniser and a recursive descent parser; nothing in a condition is ever evaluated as Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite
from typing import Any

from cpis_analysis.errors import PlanError, Problem, did_you_mean
from cpis_analysis.formula.formula_text import Cursor, Token
from cpis_analysis.plan.expression import (
    COMPARISONS,
    WORDS,
    And,
    Comparison,
    Condition,
    Literal,
    Membership,
    Missing,
    Not,
    Or,
    Truth,
    Variable,
)

DEEPEST = 40


LONGEST = 2000


_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<number>[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)"
    r"|(?P<mark>==|!=|<=|>=|<|>|\(|\)|\[|\]|,)|(?P<bad>\S))"
)


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


class _Stop(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem

    @staticmethod
    def error(text: str, problem: Problem) -> PlanError:
        shown = text.strip() if len(text) <= 200 else text.strip()[:200] + "…"
        return PlanError(f"The condition '{shown}' can't be read.", problem)


def _tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        place = match.start(kind) + 1
        if kind == "bad":
            raise _Stop(_bad_character(place, match[kind]))
        yield Token(kind, match[kind], place)
    yield Token("end", "end of the condition", len(text) + 1)


class _Parser(Cursor):
    marks = ("name", "mark")

    def __init__(self, text: str) -> None:
        super().__init__(_tokens(text))
        self.depth = 0

    def stop(self, message: str, place: int, value: str | None = None, **more: Any) -> _Stop:
        return _Stop(Problem(message, value=value, character=place, **more))

    def expect(self, mark: str) -> None:
        if not self._at(mark):
            raise self.stop(f"'{mark}' is missing here", self.token[2], self.token[1], hint=f"write {mark}")
        self._next()

    def whole(self) -> Condition:
        condition = self.condition()
        kind, text, place = self.token
        if kind != "end":
            hint = "write == for 'equals'" if text == "=" else did_you_mean(text, ("and", "or", "in", "is"))
            raise self.stop("'and' or 'or' is missing before this", place, text, hint=hint)
        return condition

    def condition(self) -> Condition:
        parts = [self.both()]
        while self._at("or"):
            self._next()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Or(_flat(parts, Or))

    def both(self) -> Condition:
        parts = [self.single()]
        while self._at("and"):
            self._next()
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else And(_flat(parts, And))

    def single(self) -> Condition:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.stop("nested too deeply", self.token[2], hint="write it with fewer brackets")
        try:
            if self._at("not"):
                self._next()
                return Not(self.single())
            if self._at("("):
                self._next()
                inner = self.condition()
                self.expect(")")
                return inner
            return self.comparison()
        finally:
            self.depth -= 1

    def comparison(self) -> Condition:
        kind, name, place = self._next()
        if kind != "name" or name in WORDS:
            value = kind in ("text", "number")
            message = "a comparison begins with a variable" if value else "a variable is missing here"
            raise self.stop(message, place, name, allowed='such as age >= 18 or region != "C"')
        if self._at(*COMPARISONS):
            operator = self._next()[1]
            return Comparison(name, operator, self.value())
        if self._at("in"):
            self._next()
            return Membership(name, self.values())
        if self._at("not"):
            self._next()
            self.expect("in")
            return Membership(name, self.values(), negated=True)
        if self._at("is"):
            self._next()
            negated = self._at("not")
            if negated:
                self._next()
            self.expect("missing")
            return Missing(name, negated)
        return Truth(name)

    def value(self) -> Literal | Variable:
        kind, text, _ = self.token
        if kind == "name" and text not in WORDS:
            self._next()
            return Variable(text)
        return self.literal()

    def values(self) -> tuple[Literal, ...]:
        closing = ")" if self._at("(") else "]"
        if not self._at("[", "("):
            raise self.stop("a list is missing here", self.token[2], self.token[1], allowed='such as ["A", "B"]')
        self._next()
        found = [self.literal()]
        while self._at(","):
            self._next()
            found.append(self.literal())
        self.expect(closing)
        return tuple(found)

    def literal(self) -> Literal:
        kind, text, place = self._next()
        if kind == "text":
            return Literal(text[1:-1])
        if kind == "number":
            number = float(text)
            if not isfinite(number):
                raise self.stop("the number is too large", place, text, hint="write a smaller number")
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


def _bad_character(place: int, character: str) -> Problem:
    hints = {
        "=": "write == for 'equals'",
        "&": "write and",
        "|": "write or",
        "!": "write not",
        '"': "a quotation mark is missing",
        "'": "a quotation mark is missing",
    }
    return Problem(
        "this character has no meaning in a condition",
        value=character,
        hint=hints.get(character),
        character=place,
    )
