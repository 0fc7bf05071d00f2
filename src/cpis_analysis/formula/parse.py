"""Model formulas as people write them for lme4, read without running any code.

A tokeniser and a recursive descent parser for a small language; nothing in a formula is ever
evaluated as Python. Every problem in the text is collected and reported with its position.

Grammar
-------
::

    formula  = operand "~" sum
    sum      = ["+" | "-"] product {("+" | "-") product}
    product  = nesting {"*" nesting}              a * b  =  a + b + a:b
    nesting  = crossing {"/" crossing}            a / b  =  a + a:b
    crossing = primary {":" primary}
    primary  = operand | "0" | "1" | "(" sum ")" | "(" sum ("|" | "||") groups ")"
    operand  = name | transform "(" operand ")" | ("mean" | "within") "(" name "|" name {":" name} ")"
    groups   = group {("/" | ":" | "+") group}
    name     = letters, digits, "_", "." ; anything else between backticks
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from cpis_analysis.errors import ModelError, Problem, did_you_mean
from cpis_analysis.formula.formula_text import ParseStop, Token, Tokens
from cpis_analysis.formula.model_terms import (
    CLUSTER_PARTS,
    TRANSFORMS,
    ClusterPart,
    Formula,
    Operand,
    RandomTerm,
    Term,
    cluster_part,
    crossed,
    merged,
    source_of,
    term_text,
    united,
)
from cpis_analysis.formula.shapes import by_shape

__all__ = [
    "TRANSFORMS",
    "ClusterPart",
    "Formula",
    "Operand",
    "RandomTerm",
    "Term",
    "cluster_part",
    "parse_formula",
    "source_of",
    "term_text",
]

_MOST_TERMS = 500


def parse_formula(text: str | Formula) -> Formula:
    """Read a model formula.

    Parameters
    ----------
    text : str
        For example ``"y ~ arm + y0 + (1 | trust/team)"``.

    Returns
    -------
    Formula

    Raises
    ------
    ModelError
        With every problem found and its position (counted from 1).
    """
    if isinstance(text, Formula):
        return text
    if not isinstance(text, str):
        raise ModelError(
            "The model formula cannot be read.",
            Problem("a formula is text", value=repr(text), hint='write it in quotes, such as "{outcome}_6m ~ arm"'),
        )
    return _read(text)


@lru_cache(maxsize=4096)
def _read(text: str) -> Formula:
    """The formula of a text; kept, as the same model is asked of many outcomes and data sets."""
    known = by_shape(text, _of_shape)
    if known is not None:
        return known
    parser = _Parser(text)
    formula = parser.formula()
    if formula is None or parser.problems:
        raise ModelError(f"The model formula '{text.strip()}' cannot be read.", parser.problems)
    return formula


@lru_cache(maxsize=1024)
def _of_shape(shape: str) -> Formula | None:
    parser = _Parser(shape)
    formula = parser.formula()
    return None if parser.problems else formula


@dataclass
class _Sum:
    """Terms collected so far, in the order in which they were written."""

    terms: list[Term] = field(default_factory=list)
    random: list[RandomTerm] = field(default_factory=list)
    removes_intercept: bool = False
    has_one: bool = False


class _Parser(Tokens):
    def formula(self) -> Formula | None:
        if self._too_deep():
            return None
        if not any(token.kind == "mark" and token.text == "~" for token in self.tokens):
            self._problem(
                "'~' between the outcome and the model is missing", self.token.position, hint="write outcome ~ terms"
            )
            return None
        response = None
        try:
            response = self._operand()
            self._expect("~")
        except ParseStop:
            while not self._at("~"):
                self._next()
            self._next()
        total = _Sum()
        self._sum(total, top=True)
        terms = _ordered(total)
        if response is not None and cluster_part(response.variable):
            self._problem(
                "the outcome is a value of its own, no mean of a cluster",
                1,
                str(response),
                hint="write the outcome itself before ~",
            )
        if response is not None and any(_holds(response, operand) for term in terms for operand in term):
            self._problem(
                "the outcome is also on the right-hand side",
                1,
                str(response),
                hint="remove it there, or write another wave of it",
            )
        self._refuse_repeated(total.random)
        if not terms and not total.random and not self.problems:
            self._problem("the model has no terms", len(self.text) + 1, hint="write the terms after ~, such as arm")
        if response is None or self.problems:
            return None
        return Formula(response, terms, tuple(total.random), self.text.strip())

    def _refuse_repeated(self, random_terms: list[RandomTerm]) -> None:
        seen: set[tuple[str, Term]] = set()
        for random in random_terms:
            for term in random.terms:
                key = (random.group_name, term)
                if key in seen:
                    self._problem(
                        "this random effect is there twice",
                        1,
                        f"({term_text(term)} | {key[0]})",
                        hint="remove one of the two",
                    )
                seen.add(key)

    def _sum(self, total: _Sum, top: bool = False) -> None:
        sign = "+"
        if self._at("+", "-"):
            sign = self._next().text
        while True:
            start = self.token.position
            try:
                self._signed_product(total, sign, top)
                if top and not self._at("+", "-") and self.token.kind != "end":
                    self._problem(
                        "an operator is missing before this",
                        self.token.position,
                        self.token.text,
                        hint="write + before it, or : for an interaction",
                    )
                    raise ParseStop
            except ParseStop:
                if not top:
                    raise
                self._skip_term()
            if not self._at("+", "-"):
                break
            sign = self._next().text
            if self.token.position == start:
                break

    def _signed_product(self, total: _Sum, sign: str, top: bool) -> None:
        token = self.token
        if token.kind == "number":
            self._next()
            if token.text not in ("0", "1"):
                hint = "to shift an outcome, compute a column first"
                self._problem("only 0 and 1 are numbers of a formula", token.position, token.text, hint=hint)
                raise ParseStop
            if (token.text == "1") == (sign == "+"):
                total.has_one, total.removes_intercept = True, False
            else:
                total.removes_intercept = True
            return
        terms = self._product(total if top and sign == "+" else None)
        if sign == "+":
            total.terms = united(total.terms, terms)
        else:
            for term in terms:
                match = next((have for have in total.terms if set(have) == set(term)), None)
                if match is None:
                    self._problem(
                        "a term is taken away that is not in the model",
                        token.position,
                        term_text(term),
                        hint="remove it",
                    )
                else:
                    total.terms.remove(match)

    def _product(self, total: _Sum | None) -> list[Term]:
        terms = self._nesting(total)
        while self._at("*"):
            self._next()
            right = self._nesting(None)
            self._bounded(terms, right)
            terms = united(terms, right, crossed(terms, right))
        return terms

    def _bounded(self, left: list[Term], right: list[Term]) -> None:
        """Refuse a product that would grow without bound: ten crossed variables are a thousand terms."""
        if (len(left) + 1) * (len(right) + 1) > _MOST_TERMS:
            self._problem(
                f"the formula has too many terms (at most {_MOST_TERMS})",
                self.token.position,
                hint="write fewer crossed variables",
            )
            raise ParseStop

    def _nesting(self, total: _Sum | None) -> list[Term]:
        terms = self._crossing(total)
        while self._at("/"):
            self._next()
            right = self._crossing(None)
            outer = [tuple(dict.fromkeys(operand for term in terms for operand in term))]
            terms = united(terms, crossed(outer, right))
        return terms

    def _crossing(self, total: _Sum | None) -> list[Term]:
        terms = self._primary(total)
        while self._at(":"):
            self._next()
            right = self._primary(None)
            self._bounded(terms, right)
            terms = crossed(terms, right)
        return terms

    def _primary(self, total: _Sum | None) -> list[Term]:
        token = self.token
        if token.kind == "name":
            return [(self._operand(),)]
        if self._at("("):
            self._next()
            inner = _Sum()
            self._sum(inner)
            if self._at("|", "||"):
                self._random(inner, token, total)
                return []
            self._expect(")")
            if inner.removes_intercept:
                self._problem("0 has no meaning inside these brackets", token.position, hint="remove it")
            return inner.terms
        if token.text == "^":
            self._problem("powers are not part of the language", token.position, "^", hint="use square(x)")
        else:
            self._problem("a variable is missing here", token.position, token.text, hint="write the name of a variable")
        raise ParseStop

    def _random(self, inner: _Sum, start: Token, total: _Sum | None) -> None:
        bar = self._next()
        groups = self._groups()
        self._expect(")")
        if total is None:
            self._problem("a random part may only be added with +", start.position, hint="write + before it")
            raise ParseStop
        terms = _ordered(inner)
        if not terms:
            self._problem("this random part is empty", start.position, hint="write (1 | cluster)")
        for group in groups:
            if bar.text == "||":
                total.random += [RandomTerm((term,), group) for term in terms]
            elif terms:
                total.random.append(RandomTerm(terms, group))

    def _groups(self) -> list[tuple[str, ...]]:
        """``a/b`` gives a and a:b; ``a:b`` one factor; ``a + b`` two."""
        done: list[tuple[str, ...]] = []
        current = [self._group()]
        while self._at("/", ":", "+"):
            mark = self._next().text
            right = self._group()
            if mark == "+":
                done += current
                current = [right]
            elif mark == "/":
                current.append(merged(current[-1], right))
            else:
                current[-1] = merged(current[-1], right)
        return done + current

    def _group(self) -> tuple[str, ...]:
        token = self.token
        if self._at("("):
            self._next()
            groups = self._groups()
            self._expect(")")
            if len(groups) != 1:
                self._problem("only a:b may stand in these brackets", token.position, hint="write a:b, or one level")
            return groups[-1]
        if token.kind != "name":
            self._problem(
                "a grouping variable is missing here",
                token.position,
                token.text,
                hint="write the name of a level of clusters after |",
            )
            raise ParseStop
        self._next()
        if self._at("("):
            self._problem(
                "grouping variables are used as they are", token.position, token.text, hint="write its name alone"
            )
            raise ParseStop
        return (token.text,)

    def _operand(self) -> Operand:
        token = self.token
        if token.kind != "name":
            self._problem("a variable is missing here", token.position, token.text, hint="write the name of a variable")
            raise ParseStop
        self._next()
        if not self._at("("):
            return Operand(token.text)
        self._next()
        if token.text in CLUSTER_PARTS:
            return self._cluster_part(token)
        if token.text not in TRANSFORMS:
            self._problem(
                "this function is not known",
                token.position,
                token.text,
                allowed=", ".join((*TRANSFORMS, *CLUSTER_PARTS)),
                hint=did_you_mean(token.text, (*TRANSFORMS, *CLUSTER_PARTS)),
            )
            raise ParseStop
        inner = self._operand()
        self._expect(")")
        name = "factor" if token.text == "C" else token.text
        if name == "factor" and (inner.transforms or cluster_part(inner.variable)):
            self._problem(
                "factor() takes a variable",
                token.position,
                str(inner),
                hint="write factor(x) with the name of a variable",
            )
        if "factor" in inner.transforms:
            self._problem(
                "a factor cannot be transformed",
                token.position,
                token.text,
                hint="write the variable without the transform, or without factor()",
            )
        return Operand(inner.variable, (*inner.transforms, name))

    def _cluster_part(self, start: Token) -> Operand:
        """``mean(x | team)``: the bracket is open."""
        inner = self.token
        if inner.kind != "name":
            self._problem("a variable is missing here", inner.position, inner.text, hint="write the name of a variable")
            raise ParseStop
        self._next()
        if self._at("("):
            self._problem(
                f"{start.text}() takes a variable as it is",
                inner.position,
                inner.text,
                hint="write the name of a variable alone before |",
            )
            raise ParseStop
        if not self._at("|"):
            hint = f"write {start.text}({inner.text} | cluster)"
            self._problem("the clusters are missing here", self.token.position, self.token.text, hint=hint)
            raise ParseStop
        self._next()
        groups = self._groups()
        self._expect(")")
        if len(groups) != 1:
            self._problem(
                "a mean is over one kind of clusters: a, or a:b", start.position, hint="write one level after |"
            )
            raise ParseStop
        return Operand(str(ClusterPart(start.text, inner.text, groups[0])))


def _holds(response: Operand, operand: Operand) -> bool:
    """Whether an operand is the outcome, or a mean of it."""
    part = cluster_part(operand.variable)
    return operand == response if part is None else part.variable == response.variable


def _ordered(total: _Sum) -> tuple[Term, ...]:
    """Intercept first, then by order of interaction, otherwise as written (R's rule)."""
    terms = sorted(total.terms, key=len)
    return tuple(terms) if total.removes_intercept else ((), *terms)
