"""The pieces of a model as text with subscripts, in Unicode for a terminal and in LaTeX for a paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.formula.parse import Operand, RandomTerm, Term, cluster_part
from cpis_analysis.plan.naming import Noun
from cpis_analysis.translate.notation.translation import ExplainedModel, term_columns

_BELOW = {
    **{str(i): chr(0x2080 + i) for i in range(10)},
    "i": "ᵢ",
    "j": "ⱼ",
    "k": "ₖ",
    "t": "ₜ",
    "l": "ₗ",
    "m": "ₘ",
    "n": "ₙ",
    "o": "ₒ",
    "p": "ₚ",
    "r": "ᵣ",
    "s": "ₛ",
}
_LETTERS = "uvwbcdgh"
_MOST_COLUMNS = 4
"""A factor with more coefficients than this is written as one sum."""


class EquationText:
    """A model's pieces as text in Unicode, for translations to put together."""

    def __init__(self, model: ExplainedModel) -> None:
        self.model = model
        spec = model.spec
        # the largest clusters have the last letter: i in j in k in l
        self.letters = dict(zip(spec.levels, {0: "", 1: "k", 2: "kj", 3: "lkj"}[len(spec.levels)], strict=True))
        self.person = "i" + "".join(sorted(self.letters.values()))
        self.row = self.person + "t" * model.is_long
        self.extra: dict[str, str] = {}

    # -- the pieces that differ between the styles ---------------------------------------------------

    def subscript(self, text: str) -> str:
        return "".join(_BELOW.get(character, character) for character in text)

    def variable(self, text: str) -> str:
        return text

    def beta(self, number: int) -> str:
        return f"β{self.subscript(str(number))}"

    def sigma(self, label: str) -> str:
        return f"σ²({label})" if label else "σ²"

    def total(self, beta: str, name: str, below: str) -> str:
        return f"Σₗ {beta}·{name}[l]{below}"

    product, plus, normal, epsilon, bar = "·", " + ", "~ N", "ε", "mean"

    # -- the equation -----------------------------------------------------------------------------------

    def main(self) -> str:
        parts = self.fixed_parts(self.model.formula.fixed_terms)
        parts += [
            text
            for number, random in enumerate(self.model.formula.random_terms)
            for text in self.random_parts(number, random)
        ]
        return f"{self.name(self.model.formula.response)} = " + self.plus.join([*parts, self.residual()])

    def residual(self) -> str:
        return self.epsilon + self.subscript(self.row)

    def fixed_parts(self, terms: Sequence[Term]) -> list[str]:
        parts = []
        first = 0 if () in self.model.formula.fixed_terms else 1
        for term in terms:
            columns = term_columns(self.model, term)
            if len(columns) > _MOST_COLUMNS or any(
                code == "..." for at in columns for _, code in self.model.columns[at].parts
            ):
                low, high = columns[0] + first, columns[-1] + first
                beta = self.beta(low) + (f"…{self.beta(high)}" if high > low else "")
                name = ":".join(operand.variable for operand in term)
                parts.append(self.total(beta, self.variable(name), self.subscript(self.below(term[0].variable))))
                continue
            for at in columns:
                factors = [self.name(operand, code) for operand, code in self.model.columns[at].parts]
                parts.append(self.product.join([self.beta(at + first), *factors]))
        return parts

    def name(self, operand: Operand, code: str | None = None) -> str:
        text = str(operand) if code is None else f"{operand}[{code}]"
        return self.variable(text) + self.subscript(self.below(operand.variable))

    def below(self, variable: str) -> str:
        spec = self.model.spec
        if variable == "wave":
            return "t"
        part = cluster_part(variable)
        if part is not None and part.kind == "mean" and part.groups[-1] in spec.levels:
            return "".join(sorted(self.letters[key] for key in spec.keys_of(part.groups[-1])))
        if part is not None:
            return self.person
        if variable in spec.levels:
            return "".join(sorted(self.letters[key] for key in spec.keys_of(variable)))
        return self.row if variable in self.model.variables.repeated and self.model.is_long else self.person

    def group_index(self, groups: Sequence[str]) -> str:
        spec, letters = self.model.spec, ""
        known = {spec.participant: self.person, "wave": "t"} | self.letters
        free = "lmnoprs" if len(spec.levels) < 3 else "mnoprs"
        for name in groups:
            if name not in known:
                self.extra.setdefault(name, free[len(self.extra) % len(free)])
            for letter in known.get(name, self.extra.get(name, "")):
                letters += letter if letter not in letters else ""
        order = "ijkl"[: 3 + (len(spec.levels) > 2)] + "".join(self.extra.values()) + "t"
        return "".join(sorted(letters, key=order.index))

    def random_parts(self, number: int, random: RandomTerm) -> Iterator[str]:
        letter = _LETTERS[number % len(_LETTERS)]
        below = self.group_index(random.groups)
        several = len(random.terms) > 1
        for at, term in enumerate(random.terms):
            effect = letter + self.subscript((str(at) if several else "") + below)
            yield self.product.join([effect, *(self.name(operand) for operand in term)])

    def distributions(self) -> list[str]:
        lines = []
        for number, random in enumerate(self.model.formula.random_terms):
            letter = _LETTERS[number % len(_LETTERS)]
            effect = letter + self.subscript(self.group_index(random.groups))
            if len(random.terms) == 1:
                lines.append(f"{effect} {self.normal}(0, {self.sigma(self.variable(random.group_name))})")
            else:
                size = len(random.terms)
                names = ", ".join(letter + self.subscript(str(at)) for at in range(size))
                lines.append(
                    f"({names}) "
                    f"{self.normal}(0, Σ({self.variable(random.group_name)})), "
                    f"Σ {size} × {size}, all variances and covariances estimated"
                )
        return [*lines, f"{self.residual()} {self.normal}(0, {self.sigma('')}), all independent"]

    def legend(self, person: Noun) -> Iterator[str]:
        spec = self.model.spec
        meaning = [f"i: {person} ({spec.participant})"]
        for level, outer in zip(reversed(spec.levels[1:]), reversed(spec.levels[:-1]), strict=True):
            meaning.append(f"{self.letters[level]}: {level} within its {outer}")
        meaning += [f"{self.letters[level]}: {level}" for level in spec.levels[:1]]
        meaning += [f"t: wave ({', '.join(spec.waves_of_rows)})"] if self.model.is_long else []
        meaning += [f"{letter}: {name}" for name, letter in self.extra.items()]
        yield "; ".join(meaning)
        if any(code is not None for column in self.model.columns for _, code in column.parts):
            yield (
                "name[code] is 1 for that code and 0 otherwise; codes that do not occur in the analysed rows "
                "have no coefficient"
            )

    def reported(self) -> list[str]:
        if self.model.effect is None:
            return []
        first = 0 if () in self.model.formula.fixed_terms else 1
        return [
            f"reported: {self.beta(self.model.effect + first)}, the coefficient of "
            f"{self.model.columns[self.model.effect].name}"
        ]


class LatexText(EquationText):
    """The same in LaTeX."""

    product, plus, normal, epsilon = r"\,", " + ", r"\sim N", r"\varepsilon"

    def subscript(self, text: str) -> str:
        return f"_{{{text}}}" if text else ""

    def variable(self, text: str) -> str:
        return r"\text{" + text.replace("_", r"\_") + "}"

    def beta(self, number: int) -> str:
        return rf"\beta_{{{number}}}"

    def sigma(self, label: str) -> str:
        return rf"\sigma^2_{{{label}}}" if label else r"\sigma^2"

    def total(self, beta: str, name: str, below: str) -> str:
        return rf"\sum_l {beta.replace('…', ',…,')}\,{name}[l]{below}"
