"""Every refusal says what to do: each gives a next step or what would have been right.

Read in the source, so that a refusal that no test makes is looked at as well.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "cpis_analysis"
MAKERS = {
    "Problem",
    "Refused",
    "_refused",
    "refused",
    "fault",
    "problem",
    "_problem",
    "stop",
    "complain",
    "unfit",
    "wrong",
}
STEPS = {"hint", "allowed", "instead"}
BY_PLACE = {"_refused": 3, "refused": 3, "Refused": 3, "fault": 2, "complain": 3, "unfit": 4}
"""Makers whose next step, or what is allowed, may be an argument without a name, and at which place it then stands."""
PASSED_ON = {
    "error.summary": "the error of something else, which has its own problems",
    "error.summary, variable=plan.name": "the same",
    "again": "the step itself",
    "spec, minimum": "the maker gives the step",
    "dictionary, fewest": "the maker of others",
    "line": "the end of what another program said",
    "message, value=value, character=place, **more": "the maker of others",
    "message, file=self.document.file, line=self.document.line_of(path), **more": "the maker of others",
}
"""Calls that hand on what was said elsewhere."""
NO_PROBLEM = {"workflow", "terminal.problem", "dictionary.unfit", "self.dictionary.unfit"}
"""Rooms and makers of the same names that make none, or give the step where there is no other."""
VERBS = set(
    "add adjust allocate analyse answer archive ask balance call change checkout choose code compare compute copy "
    "correct "
    "cpis define delete describe draft draw end exchange export fit follow foresee give go have ignore impute install "
    "join keep leave list lock look make mark measure merge move name open ask pip predict put reckon recode record "
    "remove rename repeat replace report run save say scale see set shift show state take test translate try type "
    "update use wait weight widen write".split()
)
"""What a next step tells to do."""


@cache
def calls():
    """Makers of problems in all files: file, line, name, and the call."""
    return list(_calls())


def _calls():
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                if name in MAKERS:
                    yield path.relative_to(SOURCE), node.lineno, name, node


def without_step(node, name):
    """Whether a call gives neither a next step nor what would have been right."""
    given = {keyword.arg for keyword in node.keywords}
    if STEPS & given or any(isinstance(argument, ast.Starred) for argument in node.args):
        return False
    if len(node.args) > BY_PLACE.get(name, len(node.args)):
        return False
    text = ", ".join([*map(ast.unparse, node.args), *(ast.unparse(keyword) for keyword in node.keywords)])
    return text not in PASSED_ON and not re.search(r"\*\*(more|at)\b", text)


def test_every_refusal_has_a_next_step():
    bare = [
        f"{path}:{line}: {ast.unparse(node)[:120]}"
        for path, line, name, node in calls()
        if without_step(node, name) and not NO_PROBLEM & {path.parts[0], ast.unparse(node.func)} and node.args
    ]
    assert not bare, "\n".join(bare)


def texts(node):
    """What an expression says in so many words: literals, both sides of a choice, parts of what is put together."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for part in node.values:
            yield from texts(part)


def test_next_steps_tell_to_do_something():
    idle = [
        f"{path}:{line}: {text}"
        for path, line, _, node in calls()
        for keyword in node.keywords
        if keyword.arg in ("hint", "instead")
        for text in texts(keyword.value)
        if not VERBS & set(re.findall(r"[a-z]+", text.lower()))
    ]
    assert not idle, "\n".join(idle)


@pytest.mark.parametrize(
    ("call", "bare"),
    [
        ("Problem('the file is empty', file=name)", True),
        ("self.problem(path, 'the model stands twice', value=model)", True),
        ("Problem('the file is empty', hint='ask for it again')", False),
        ("self.problem(path, 'no such df', allowed=known)", False),
        ("_refused(spec, 'no result', spec.formula)", True),
        ("_refused(spec, 'no result', spec.formula, 'leave a covariate out')", False),
    ],
)
def test_a_refusal_without_a_next_step_is_seen(call, bare):
    node = ast.parse(call).body[0].value
    name = getattr(node.func, "id", None) or node.func.attr
    assert without_step(node, name) is bare
