"""The text of a formula, piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cpis_analysis.errors import Problem

_TOKEN = re.compile(
    r"\s*(?:(?P<name>(?:[^\W\d]|\.(?!\d))[\w.]*)|`(?P<quoted>[^`]+)`|(?P<number>\d+(?:\.\d*)?|\.\d+)"
    r"|(?P<mark>\|\||[~+\-*/:()|^])|(?P<bad>\S))"
)
_DEEPEST = 30


class Token(NamedTuple):
    """A piece of a text: what kind it is, how it is written, and where, counted from 1."""

    kind: str
    text: str
    position: int


class ParseStop(Exception):
    """Leaves the current term; the parser goes on behind the next plus sign."""


class Cursor:
    """The pieces of a text that is read from left to right, and the place of the next one."""

    marks: tuple[str, ...] = ("mark",)
    """Kinds of pieces that stand for themselves."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self.tokens = list(tokens)
        self.index = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def _next(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.index += 1
        return token

    def _at(self, *marks: str) -> bool:
        return self.token.kind in self.marks and self.token.text in marks


class Tokens(Cursor):
    """The pieces of a formula, the place of the next one, and what is wrong so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[Problem] = []
        super().__init__(self._tokenise(text))

    def _tokenise(self, text: str) -> Iterator[Token]:
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup or "bad"
            position = match.start(kind) + 1
            if kind == "bad":
                hint = "put unusual column names between backticks" if match[kind] in "`'\"" else None
                self._problem("this character has no meaning in a formula", position, match[kind], hint=hint)
                continue
            yield Token("name" if kind == "quoted" else kind, match[kind], position)
        yield Token("end", "end of the formula", len(text) + 1)

    def _problem(
        self,
        message: str,
        position: int,
        value: str | None = None,
        *,
        allowed: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.problems.append(Problem(message, value=value, allowed=allowed, hint=hint, character=position))

    def _expect(self, mark: str) -> None:
        if not self._at(mark):
            self._problem(f"'{mark}' is missing here", self.token.position, self.token.text, hint=f"write {mark}")
            raise ParseStop
        self._next()

    def _skip_term(self) -> None:
        depth = 0
        while self.token.kind != "end":
            if depth <= 0 and self._at("+", "-"):
                return
            depth += self._at("(") - self._at(")")
            self._next()

    def _too_deep(self) -> bool:
        depth = deepest = 0
        for token in self.tokens:
            depth += (token.kind == "mark" and token.text == "(") - (token.kind == "mark" and token.text == ")")
            deepest = max(deepest, depth)
        if deepest > _DEEPEST:
            self._problem(
                f"brackets are nested too deeply (at most {_DEEPEST})", 1, hint="write it with fewer brackets"
            )
        return deepest > _DEEPEST
