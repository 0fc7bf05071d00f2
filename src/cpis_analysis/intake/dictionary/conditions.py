"""Branching logic in REDCap's notation, read into a tree and never executed.

Grammar::

    expression  = conjunction {"or" conjunction}
    conjunction = part {"and" part}
    part        = "(" expression ")" | comparison
    comparison  = operand ("=" | "<>" | "!=" | "<" | ">" | "<=" | ">=") operand
    operand     = [event] "[" name "]" | [event] "[" name "(" code ")" "]" | 'text' | "text" | number
    event       = "[" name "]"
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<reference>\[[^\[\]]*\])
      | (?P<text>'[^']*'|"[^"]*")
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<operator><>|!=|<=|>=|=|<|>)
      | (?P<bracket>[()])
      | (?P<word>[A-Za-z_]+)
    )""",
    re.VERBOSE,
)
_EVENT = re.compile(r"\[\s*([A-Za-z0-9][A-Za-z0-9_]*)\s*\]\Z")
_REFERENCE = re.compile(r"\[\s*([A-Za-z][A-Za-z0-9_]*)\s*(?:\(\s*(-?[A-Za-z0-9_]+)\s*\)\s*)?\]\Z")
_DEEPEST = 30


class ConditionError(ValueError):
    """The condition cannot be read; the message says where and why."""


@dataclass(frozen=True)
class Reference:
    """The value of a variable; a checkbox option ``[x(1)]`` is the variable ``x___1``.

    Attributes
    ----------
    variable : str
    event : str
        Event or wave at which it is looked up, as in ``[baseline_arm_1][age]``; empty: where the question stands.
    """

    variable: str
    event: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Event and variable."""
        return self.event, self.variable


@dataclass(frozen=True)
class Literal:
    """A value that stands in the condition."""

    text: str


@dataclass(frozen=True)
class Comparison:
    """``left operator right``, the operator one of ``= <> < > <= >=``."""

    left: Reference | Literal
    operator: str
    right: Reference | Literal


@dataclass(frozen=True)
class Group:
    """Parts joined by ``and`` or ``or``."""

    joined_by: str
    parts: tuple[Comparison | Group, ...]


@dataclass(frozen=True)
class Condition:
    """A condition as it was written, and its tree."""

    text: str
    tree: Comparison | Group

    def comparisons(self) -> Iterator[Comparison]:
        """Every comparison, from left to right."""
        return _comparisons(self.tree)

    def references(self) -> tuple[Reference, ...]:
        """What it looks at, each once, in order of appearance."""
        return tuple(
            dict.fromkeys(
                side
                for comparison in self.comparisons()
                for side in (comparison.left, comparison.right)
                if isinstance(side, Reference)
            )
        )

    def variables(self) -> tuple[str, ...]:
        """Names of the variables it looks at, each once, in order of appearance."""
        return tuple(dict.fromkeys(reference.variable for reference in self.references()))


def checkbox_name(variable: str, code: str) -> str:
    """REDCap's column of a checkbox option: the code in small letters, other signs than letters and digits as ``_``."""
    return f"{variable}___{re.sub(r'[^a-z0-9_]', '_', code.lower())}"


def parse_condition(text: str) -> Condition:
    """Read a condition.

    Parameters
    ----------
    text : str
        Such as ``[support_received] = 'yes' and ([arm] <> 'comparison' or [age] > 30)``.

    Raises
    ------
    ConditionError
        If it is not of the grammar above.
    """
    tokens = _tokens(text)
    tree, rest = _expression(tokens, 0, 0)
    if rest != len(tokens):
        raise ConditionError(f"'{tokens[rest][1]}' is not expected there")
    return Condition(text=text.strip(), tree=tree)


def _comparisons(tree: Comparison | Group) -> Iterator[Comparison]:
    if isinstance(tree, Comparison):
        yield tree
    else:
        for part in tree.parts:
            yield from _comparisons(part)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ConditionError(f"cannot be read from '{text[position : position + 20]}' on")
        kind = match.lastgroup or ""
        token = match.group(kind)
        if kind == "word":
            token = token.lower()
            if token not in ("and", "or"):
                raise ConditionError(f"'{match.group(kind)}' is not known; only and, or and comparisons can be used")
        tokens.append((kind, token))
        position = match.end()
    if not tokens:
        raise ConditionError("is empty")
    return tokens


def _expression(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Comparison | Group, int]:
    if depth > _DEEPEST:
        raise ConditionError(f"is nested deeper than {_DEEPEST} levels")
    return _joined(tokens, at, depth, "or")


def _joined(tokens: list[tuple[str, str]], at: int, depth: int, word: str) -> tuple[Comparison | Group, int]:
    parts = []
    while True:
        part, at = _joined(tokens, at, depth, "and") if word == "or" else _part(tokens, at, depth)
        parts.append(part)
        if at < len(tokens) and tokens[at] == ("word", word):
            at += 1
        else:
            return (parts[0] if len(parts) == 1 else Group(word, tuple(parts))), at


def _part(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Comparison | Group, int]:
    if at < len(tokens) and tokens[at] == ("bracket", "("):
        tree, at = _expression(tokens, at + 1, depth + 1)
        if at >= len(tokens) or tokens[at] != ("bracket", ")"):
            raise ConditionError("has an opening bracket that is never closed")
        return tree, at + 1
    left, at = _operand(tokens, at)
    if at >= len(tokens) or tokens[at][0] != "operator":
        raise ConditionError("has a value that is not compared with anything")
    operator = "<>" if tokens[at][1] == "!=" else tokens[at][1]
    right, at = _operand(tokens, at + 1)
    return Comparison(left, operator, right), at


def _operand(tokens: list[tuple[str, str]], at: int) -> tuple[Reference | Literal, int]:
    if at >= len(tokens):
        raise ConditionError("ends where a variable or a value is expected")
    kind, token = tokens[at]
    if kind == "reference":
        event = ""
        if at + 1 < len(tokens) and tokens[at + 1][0] == "reference":
            match = _EVENT.match(token)
            if match is None:
                raise ConditionError(f"'{token}' is not an event in square brackets")
            event, at = match.group(1), at + 1
            token = tokens[at][1]
        match = _REFERENCE.match(token)
        if match is None:
            raise ConditionError(f"'{token}' is not a variable in square brackets")
        name, code = match.groups()
        return Reference(name if code is None else checkbox_name(name, code), event), at + 1
    if kind == "text":
        return Literal(token[1:-1].strip()), at + 1
    if kind == "number":
        return Literal(token), at + 1
    raise ConditionError(f"'{token}' stands where a variable or a value is expected")
