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
    operand  = name | transform "(" operand ")"
    groups   = group {("/" | ":" | "+") group}
    name     = letters, digits, "_", "." ; anything else between backticks
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cpis_analysis.errors import ModelError, Problem, did_you_mean

__all__ = ["TRANSFORMS", "Formula", "Operand", "RandomTerm", "parse_formula"]

TRANSFORMS = ("log", "log1p", "sqrt", "exp", "square", "cube", "center", "scale", "factor", "C")

_TOKEN = re.compile(
    r"\s*(?:(?P<name>(?:[^\W\d]|\.(?!\d))[\w.]*)|`(?P<quoted>[^`]+)`|(?P<number>\d+(?:\.\d*)?|\.\d+)"
    r"|(?P<mark>\|\||[~+\-*/:()|^])|(?P<bad>\S))"
)
_DEEPEST = 30
_MOST_TERMS = 500
_PLAIN = re.compile(r"(?:[^\W\d]|\.(?!\d))[\w.]*\Z")


@dataclass(frozen=True, order=True)
class Operand:
    """One variable, possibly transformed.

    Attributes
    ----------
    variable : str
        Column name.
    transforms : tuple of str
        Names from `TRANSFORMS`, the innermost first.
    """

    variable: str
    transforms: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = self.variable if _PLAIN.match(self.variable) else f"`{self.variable}`"
        for name in self.transforms:
            text = f"{name}({text})"
        return text


Term = tuple[Operand, ...]


@dataclass(frozen=True)
class RandomTerm:
    """Random effects that vary over the groups of one grouping factor.

    Attributes
    ----------
    terms : tuple of Term
        What varies; the empty tuple stands for the intercept.
    groups : tuple of str
        Columns whose combinations are the groups.
    """

    terms: tuple[Term, ...]
    groups: tuple[str, ...]

    @property
    def group_name(self) -> str:
        """Name of the grouping factor, such as ``trust:team``."""
        return ":".join(self.groups)

    def __str__(self) -> str:
        groups = ":".join(str(Operand(name)) for name in self.groups)
        return f"({_sum_text(self.terms)} | {groups})"


@dataclass(frozen=True)
class Formula:
    """A parsed model formula; ``str()`` gives the canonical text.

    Attributes
    ----------
    response : Operand
        Left-hand side.
    fixed_terms : tuple of Term
        Fixed part, main effects before interactions; the empty tuple is the intercept.
    random_terms : tuple of RandomTerm
        Random part with ``/`` and ``||`` written out.
    text : str
        The formula as it was given.
    """

    response: Operand
    fixed_terms: tuple[Term, ...]
    random_terms: tuple[RandomTerm, ...]
    text: str = field(compare=False, default="")

    @property
    def variables(self) -> tuple[str, ...]:
        """Sorted names of all columns that the formula uses."""
        names = {self.response.variable}
        for term in self.fixed_terms:
            names.update(operand.variable for operand in term)
        for random in self.random_terms:
            names.update(random.groups)
            for term in random.terms:
                names.update(operand.variable for operand in term)
        return tuple(sorted(names))

    def __str__(self) -> str:
        right = [_sum_text(self.fixed_terms, hide_intercept=True), *map(str, self.random_terms)]
        return f"{self.response} ~ " + " + ".join(part for part in right if part)


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
        raise ModelError("The model formula cannot be read.", [Problem("a formula is text", value=repr(text))])
    parser = _Parser(text)
    formula = parser.formula()
    if formula is None or parser.problems:
        raise ModelError(f"The model formula '{text.strip()}' cannot be read.", parser.problems)
    return formula


def term_text(term: Term) -> str:
    """Name of a term: ``1`` for the intercept, otherwise its operands joined by ``:``."""
    return ":".join(map(str, term)) if term else "1"


def _sum_text(terms: tuple[Term, ...], hide_intercept: bool = False) -> str:
    parts = [term_text(term) for term in terms if term]
    if () not in terms:
        parts.insert(0, "0")
    elif not (hide_intercept and parts):
        parts.insert(0, "1")
    return " + ".join(parts)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int


class _ParseStop(Exception):
    """Leaves the current term; the parser goes on behind the next plus sign."""


@dataclass
class _Sum:
    """Terms collected so far, in the order in which they were written."""

    terms: list[Term] = field(default_factory=list)
    random: list[RandomTerm] = field(default_factory=list)
    removes_intercept: bool = False
    has_one: bool = False


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[Problem] = []
        self.tokens = self._tokenise(text)
        self.index = 0

    def _tokenise(self, text: str) -> list[_Token]:
        tokens = []
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup or "bad"
            position = match.start(kind) + 1
            if kind == "bad":
                hint = "put unusual column names between backticks" if match[kind] in "`'\"" else None
                self._problem("this character has no meaning in a formula", position, match[kind], hint=hint)
                continue
            tokens.append(_Token("name" if kind == "quoted" else kind, match[kind], position))
        tokens.append(_Token("end", "end of the formula", len(text) + 1))
        return tokens

    def _problem(
        self,
        message: str,
        position: int,
        value: str | None = None,
        *,
        allowed: str | None = None,
        hint: str | None = None,
    ) -> None:
        text = f"position {position}: {message}"
        self.problems.append(Problem(text, value=value, allowed=allowed, hint=hint))

    @property
    def token(self) -> _Token:
        return self.tokens[self.index]

    def _next(self) -> _Token:
        token = self.token
        if token.kind != "end":
            self.index += 1
        return token

    def _at(self, *marks: str) -> bool:
        return self.token.kind == "mark" and self.token.text in marks

    def _expect(self, mark: str) -> None:
        if not self._at(mark):
            self._problem(f"'{mark}' is missing here", self.token.position, self.token.text)
            raise _ParseStop
        self._next()

    def _skip_term(self) -> None:
        depth = 0
        while self.token.kind != "end":
            if depth <= 0 and self._at("+", "-"):
                return
            depth += self._at("(") - self._at(")")
            self._next()

    # -- the grammar, one method a rule ------------------------------------------------------------

    def formula(self) -> Formula | None:
        if self._too_deep():
            return None
        if not any(token.kind == "mark" and token.text == "~" for token in self.tokens):
            self._problem("'~' between the outcome and the model is missing", self.token.position)
            return None
        response = None
        try:
            response = self._operand()
            self._expect("~")
        except _ParseStop:
            while not self._at("~"):
                self._next()
            self._next()
        total = _Sum()
        self._sum(total, top=True)
        terms = _ordered(total)
        if response is not None and any(response in term for term in terms):
            self._problem("the outcome is also on the right-hand side", 1, str(response))
        self._refuse_repeated(total.random)
        if not terms and not total.random and not self.problems:
            self._problem("the model has no terms", len(self.text) + 1)
        if response is None or self.problems:
            return None
        return Formula(response, terms, tuple(total.random), self.text.strip())

    def _too_deep(self) -> bool:
        depth = deepest = 0
        for token in self.tokens:
            depth += (token.kind == "mark" and token.text == "(") - (token.kind == "mark" and token.text == ")")
            deepest = max(deepest, depth)
        if deepest > _DEEPEST:
            self._problem(f"brackets are nested too deeply (at most {_DEEPEST})", 1)
        return deepest > _DEEPEST

    def _refuse_repeated(self, random_terms: list[RandomTerm]) -> None:
        seen: set[tuple[str, Term]] = set()
        for random in random_terms:
            for term in random.terms:
                key = (random.group_name, term)
                if key in seen:
                    self._problem("this random effect is there twice", 1, f"({term_text(term)} | {key[0]})")
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
                    self._problem("an operator is missing before this", self.token.position, self.token.text)
                    raise _ParseStop
            except _ParseStop:
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
                raise _ParseStop
            if (token.text == "1") == (sign == "+"):
                total.has_one, total.removes_intercept = True, False
            else:
                total.removes_intercept = True
            return
        terms = self._product(total if top and sign == "+" else None)
        if sign == "+":
            total.terms = _union(total.terms, terms)
        else:
            for term in terms:
                match = next((have for have in total.terms if set(have) == set(term)), None)
                if match is None:
                    self._problem("a term is taken away that is not in the model", token.position, term_text(term))
                else:
                    total.terms.remove(match)

    def _product(self, total: _Sum | None) -> list[Term]:
        terms = self._nesting(total)
        while self._at("*"):
            self._next()
            right = self._nesting(None)
            self._bounded(terms, right)
            terms = _union(terms, right, _cross(terms, right))
        return terms

    def _bounded(self, left: list[Term], right: list[Term]) -> None:
        """Refuse a product that would grow without bound: ten crossed variables are a thousand terms."""
        if (len(left) + 1) * (len(right) + 1) > _MOST_TERMS:
            self._problem(f"the formula has too many terms (at most {_MOST_TERMS})", self.token.position)
            raise _ParseStop

    def _nesting(self, total: _Sum | None) -> list[Term]:
        terms = self._crossing(total)
        while self._at("/"):
            self._next()
            right = self._crossing(None)
            outer = [tuple(dict.fromkeys(operand for term in terms for operand in term))]
            terms = _union(terms, _cross(outer, right))
        return terms

    def _crossing(self, total: _Sum | None) -> list[Term]:
        terms = self._primary(total)
        while self._at(":"):
            self._next()
            right = self._primary(None)
            self._bounded(terms, right)
            terms = _cross(terms, right)
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
                self._problem("0 has no meaning inside these brackets", token.position)
            return inner.terms
        if token.text == "^":
            self._problem("powers are not part of the language", token.position, "^", hint="use square(x)")
        else:
            self._problem("a variable is missing here", token.position, token.text)
        raise _ParseStop

    def _random(self, inner: _Sum, start: _Token, total: _Sum | None) -> None:
        bar = self._next()
        groups = self._groups()
        self._expect(")")
        if total is None:
            self._problem("a random part may only be added with +", start.position)
            raise _ParseStop
        terms = _ordered(inner)
        if not terms:
            self._problem("this random part is empty", start.position)
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
                current.append(_merge(current[-1], right))
            else:
                current[-1] = _merge(current[-1], right)
        return done + current

    def _group(self) -> tuple[str, ...]:
        token = self.token
        if self._at("("):
            self._next()
            groups = self._groups()
            self._expect(")")
            if len(groups) != 1:
                self._problem("only a:b may stand in these brackets", token.position)
            return groups[-1]
        if token.kind != "name":
            self._problem("a grouping variable is missing here", token.position, token.text)
            raise _ParseStop
        self._next()
        if self._at("("):
            self._problem("grouping variables are used as they are", token.position, token.text)
            raise _ParseStop
        return (token.text,)

    def _operand(self) -> Operand:
        token = self.token
        if token.kind != "name":
            self._problem("a variable is missing here", token.position, token.text)
            raise _ParseStop
        self._next()
        if not self._at("("):
            return Operand(token.text)
        self._next()
        if token.text not in TRANSFORMS:
            self._problem(
                "this function is not known",
                token.position,
                token.text,
                allowed=", ".join(TRANSFORMS),
                hint=did_you_mean(token.text, TRANSFORMS),
            )
            raise _ParseStop
        inner = self._operand()
        self._expect(")")
        name = "factor" if token.text == "C" else token.text
        if name == "factor" and inner.transforms:
            self._problem("factor() takes a variable", token.position, str(inner))
        if "factor" in inner.transforms:
            self._problem("a factor cannot be transformed", token.position, token.text)
        return Operand(inner.variable, (*inner.transforms, name))


def _ordered(total: _Sum) -> tuple[Term, ...]:
    """Intercept first, then by order of interaction, otherwise as written (R's rule)."""
    terms = sorted(total.terms, key=len)
    return tuple(terms) if total.removes_intercept else ((), *terms)


def _cross(left: list[Term], right: list[Term]) -> list[Term]:
    return [tuple(dict.fromkeys((*a, *b))) for a in left for b in right]


def _union(*lists: list[Term]) -> list[Term]:
    out: list[Term] = []
    seen = set()
    for term in (term for part in lists for term in part):
        if frozenset(term) not in seen:
            seen.add(frozenset(term))
            out.append(term)
    return out


def _merge(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*left, *right)))
