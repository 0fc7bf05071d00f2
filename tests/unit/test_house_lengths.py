"""Files of the package stay short, and how much code there is stands in CONTRIBUTING.md: growth is noticed."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "cpis_analysis"

LINES = 350
"""Most lines of a file. A longer one is asked whether it changes for one reason only."""

LONGER = {
    "formula/parse.py": "one grammar and the one parser that reads it",
    "lmm/designs/design.py": "one record, the design of a model, and the one way in which it is built from rows",
}
"""Files that are one thing all the same, and which."""

NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def lines_of_code(text: str) -> int:
    """Lines on which something of the code begins: no comment, no documentation, a text over many lines once."""
    documented: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        for part in getattr(node, "body", None) or [] if not isinstance(node, ast.Lambda | ast.IfExp) else []:
            if (
                isinstance(part, ast.Expr)
                and isinstance(part.value, ast.Constant)
                and isinstance(part.value.value, str)
            ):
                documented.update(range(part.lineno, (part.end_lineno or part.lineno) + 1))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return len({token.start[0] for token in tokens if token.type not in NO_CODE} - documented)


def names_passed_on(text: str) -> tuple[list[str], set[str]]:
    """The module's list of names, and the names that it imports."""
    listed: list[str] = []
    imported: set[str] = set()
    for part in ast.parse(text).body:
        if isinstance(part, ast.ImportFrom):
            imported |= {name.asname or name.name for name in part.names}
        elif isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "__all__":
            listed = ast.literal_eval(part.value)
    return listed, imported


def test_lengths_files_are_short_or_say_why_they_are_long():
    lengths = {path.relative_to(PACKAGE).as_posix(): path.read_bytes().count(b"\n") for path in PACKAGE.rglob("*.py")}
    assert {name for name, lines in lengths.items() if lines > LINES} == set(LONGER)
    assert all(reason.strip() for reason in LONGER.values())


def test_lengths_code_is_counted_by_hand():
    lines = ['"""About."""', "# why", "A = 1  # one", "B = (", '    """two', '    lines""",', ")", ""]
    lines += ["def c():", '    """Says."""', "    return A", ""]
    assert lines_of_code("\n".join(lines)) == 7


def test_lengths_as_much_code_as_contributing_says():
    said = re.search(
        r"\| lines of Python code in `src` [^|]*\|[^|]*\|[^|]*\| ([\d,]+)", (ROOT / "CONTRIBUTING.md").read_text()
    )
    counted = sum(lines_of_code(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py"))
    assert said
    assert abs(counted - int(said[1].replace(",", ""))) < 0.01 * counted, f"{counted:,} lines"


def test_lengths_only_what_passes_names_on_lists_them():
    """What a module offers is what has no underscore; a list beside it would say that a second time."""
    for path in PACKAGE.rglob("*.py"):
        listed, imported = names_passed_on(path.read_text(encoding="utf-8"))
        if listed and path.name != "__init__.py":
            assert set(listed) & imported, f"{path.relative_to(PACKAGE)} lists its own names; no list is needed"
