"""Branching logic against the other variables of the dictionary."""

from __future__ import annotations

from dataclasses import replace

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.intake.dictionary.conditions import Comparison, Condition, Group, Literal, Reference
from cpis_analysis.intake.dictionary.variable import Variable, own_code


def check_branching(variable: Variable, variables: dict[str, Variable], file: str, problems: list[Problem]) -> Variable:
    """A variable whose condition speaks the codes of the variables that it looks at.

    Variables that do not exist and codes that they do not have are added to ``problems``.
    """
    if variable.branching is None:
        return variable
    unknown = [name for name in variable.branching.variables() if name not in variables]
    for name in unknown:
        problems.append(
            Problem(
                f"the branching logic asks for '{name}', which is not in the dictionary",
                file,
                variable.line,
                variable=variable.name,
                hint=did_you_mean(name, variables) or "add it to the dictionary, or correct the branching logic",
            )
        )
    if unknown:
        return variable
    for comparison in variable.branching.comparisons():
        asked, literal = _sides(comparison)
        if asked is None or literal is None or comparison.operator not in ("=", "<>") or not literal.text:
            continue
        other = variables[asked.variable]
        code = own_code(other, literal.text)
        if other.is_categorical and code not in other.choices:
            problems.append(
                Problem(
                    f"the branching logic compares '{other.name}' with a code that it does not have",
                    file,
                    variable.line,
                    variable=variable.name,
                    value=literal.text,
                    allowed=", ".join(other.choices),
                    hint=did_you_mean(literal.text, other.choices),
                )
            )
    tree = _with_own_codes(variable.branching.tree, variables)
    return replace(variable, branching=Condition(variable.branching.text, tree))


def _with_own_codes(tree: Comparison | Group, variables: dict[str, Variable]) -> Comparison | Group:
    """REDCap writes 1 and 0 for yes and no; the clean values are words."""
    if isinstance(tree, Group):
        return Group(tree.joined_by, tuple(_with_own_codes(part, variables) for part in tree.parts))
    asked, literal = _sides(tree)
    if asked is None or literal is None:
        return tree
    own = Literal(own_code(variables[asked.variable], literal.text))
    return replace(tree, right=own) if tree.right is literal else replace(tree, left=own)


def _sides(comparison: Comparison) -> tuple[Reference | None, Literal | None]:
    sides = (comparison.left, comparison.right)
    asked = next((side for side in sides if isinstance(side, Reference)), None)
    return asked, next((side for side in sides if isinstance(side, Literal)), None)
