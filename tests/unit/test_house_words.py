"""Texts that are made where no plan is known have marked words for people and what they have at a wave (`study_words`).

A text that forgets the mark says people in a study of pupils. Keys, names of files and codes are no texts, and code for
other programs calls its tables as it likes.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.thorough

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "cpis_analysis"
WORD = re.compile(r"(?<![\w./\\-])(?:persons?|people|participants?|interviews?)\b(?![:/\\-]\w|\.\w)", re.IGNORECASE)
KNOW_THE_PLAN = {"chapters", "report", "words", "blinding", "study_words.py"}
"""Rooms that ask the plan for its words (`test_no_document_of_a_study_of_pupils_speaks_of_people`)."""
OTHER = {"synthetic": "made-up people of the home study", "publish": "knows no study"}
SCHEMA = re.compile(r"plan/schema\w*\.py")
"""Descriptions of keys, for the page of all keys."""
ALLOWED = {
    "commands/new.py": "help of options",
    "commands/power.py": "help of options",
    "instruments/eq5d.py": "the rule of the instrument's authors",
    "instruments/qpr.py": "the rule of the instrument's authors",
    "instruments/scale.py": "the rule of the instrument's authors",
    "instruments/swemwbs.py": "the rule of the instrument's authors",
    "instruments/wemwbs.py": "the rule of the instrument's authors",
    "new_study/plan_text.py": "keys of a plan",
    "new_study/proposals.py": "names of columns",
    "new_study/propose_words.py": "what people may be called",
    "new_study/settle_rows.py": "an option and its value",
    "operating/drawn_outcomes.py": "a column of benchmarks",
    "operating/simulated_names.py": "a name in a file",
    "plan/level_names.py": "names in files",
    "plan/reading/consistency_sources.py": "values of the key holds",
    "runs/outputs.py": "the title of a file in the crate",
    "steps/write_manifest.py": "people in general",
}
FOR_OTHER_PROGRAMS = "translate/"


def texts_of(tree: ast.Module) -> list[tuple[int, str]]:
    """Line and text of the constants that are sentences or parts of such: no documentation, no single names."""
    bodies = [node.body for node in ast.walk(tree) if isinstance(getattr(node, "body", None), list)]
    documentation = {id(line.value) for body in bodies for line in body if isinstance(line, ast.Expr)}
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documentation
        and " " in node.value.strip()
    ]


def unmarked(text: str) -> bool:
    return bool(WORD.search(text))


def files() -> dict[str, ast.Module]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name.split("/")[0] not in KNOW_THE_PLAN | OTHER.keys() and not SCHEMA.fullmatch(name):
            found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def test_texts_that_know_no_plan_have_marked_words():
    wrong = [
        f"{name}:{line}: {text[:100]!r}"
        for name, tree in files().items()
        if name not in ALLOWED and not name.startswith(FOR_OTHER_PROGRAMS)
        for line, text in texts_of(tree)
        if unmarked(text)
    ]
    assert wrong == [], "use the words of study_words.py, f'{PEOPLE}', or the plan's, or give the reason in ALLOWED"


def test_what_is_allowed_is_there():
    trees = files()
    assert [name for name in ALLOWED if not any(unmarked(text) for _, text in texts_of(trees[name]))] == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('x = "few people have it"', True),
        ('x = f"few {PEOPLE} have it"', False),
        ('x = f"{n} Interviews were held"', True),
        ('x = "participants"', False),
        ('x = "see data/raw/people.csv and design.people.one"', False),
        ('"""Of people."""', False),
    ],
)
def test_unmarked_words_are_found_and_names_are_not(line, found):
    assert any(unmarked(text) for _, text in texts_of(ast.parse(line))) is found


def test_marked_words_stand_in_formatted_texts_alone():
    """``"few {PEOPLE}"`` without the f would be printed as it stands."""
    names = re.compile(r"\{(?:AN?_)?(?:PERSONS?|PEOPLE|PARTICIPANTS?|INTERVIEWS?)\b")
    assert [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for line, text in texts_of(ast.parse(path.read_text(encoding="utf-8")))
        if names.search(text)
    ] == []
