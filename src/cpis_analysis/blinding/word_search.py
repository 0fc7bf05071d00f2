"""Search of a blinded folder for words that would tell a group, results of a run included."""

from __future__ import annotations

import ast
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from html import unescape
from pathlib import Path

from cpis_analysis import __file__ as package_file
from cpis_analysis.blinding.terms import Terms
from cpis_analysis.errors import Problem

_READ = {".yaml", ".csv", ".json", ".html", ".md", ".txt", ".svg", ".log"}
_PACKED = {".docx", ".xlsx"}
"""Pictures, PDF and Parquet are not read: a page, a drawing or a CSV beside each says the same."""
_MARKUP = re.compile(r"<[^>]*>")
_WORD = re.compile(r"[^\W_]+")
_NEAR = 60
_DELIVERED = ("config.yaml", "data/raw/")
_SKIPPED = (".snakemake", ".git")


def search_files(files: Mapping[str, bytes], terms: Terms) -> list[Problem]:
    """Names of files that hold a word, and lines that do.

    Parameters
    ----------
    files : mapping of str to bytes
        Content by name, relative to the folder. What is delivered (plan and data) may hold no such word at all. In
        what a run makes of it the words of the program itself are passed over: a telling word between two neighbours
        with which it stands in a text of the program.
    terms : Terms

    Returns
    -------
    list of Problem
        One a file, at its first such line. Neither word nor line is quoted: whoever reads it may be blinded.
    """
    found = []
    for name, content in sorted(files.items()):
        if terms.tells(name):
            found.append(
                Problem(
                    "the name of the file holds a word that tells a group or a cluster",
                    file=name,
                    hint="rename the file",
                )
            )
        delivered = name.startswith(_DELIVERED)
        lines = [
            line
            for line, text in _lines(name, content)
            if any(delivered or not _of_program(text, place) for place in terms.places(text))
        ]
        if lines:
            found.append(
                Problem(
                    "a word tells a group or a cluster",
                    file=name,
                    line=lines[0],
                    count=len(dict.fromkeys(lines)),
                    hint="write the text without it, or leave the file out",
                )
            )
    return found


def search_folder(folder: Path, terms: Terms) -> tuple[list[Problem], int]:
    """`search_files` over everything below a folder; and how many files were read."""
    read = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(_SKIPPED) and path.suffix.lower() in _READ | _PACKED:
            read[name] = path.read_bytes()
    return search_files(read, terms), len(read)


def _lines(name: str, content: bytes) -> Iterator[tuple[int, str]]:
    suffix = Path(name).suffix.lower()
    if suffix not in _PACKED:
        yield from _text_lines(content.decode("utf-8", "replace"), markup=suffix in (".html", ".svg"))
        return
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for part in packed.namelist():
            if part.endswith((".xml", ".svg")):
                yield from _text_lines(packed.read(part).decode("utf-8", "replace"), markup=True)


def _text_lines(text: str, *, markup: bool) -> Iterator[tuple[int, str]]:
    """Lines; of pages what stands in tags apart from what stands between them."""
    for at, line in enumerate(text.splitlines(), 1):
        if not markup:
            yield at, line
            continue
        yield at, unescape(_MARKUP.sub(" | ", line))
        for tag in _MARKUP.findall(line):
            yield at, unescape(tag)


def _of_program(text: str, place: tuple[int, int]) -> bool:
    """Whether a word stands between the neighbours that it has in a text of the program."""
    begin, end = place
    before = _WORD.findall(text[max(0, begin - _NEAR) : begin])
    after = _WORD.findall(text[end : end + _NEAR])
    words = [*before[-1:], *_WORD.findall(text[begin:end]), *after[:1]]
    return f" {' '.join(words).casefold()} " in _program_words()


@cache
def _program_words() -> str:
    """Every text of the program and the names of its files, word by word; comments and documentation are no texts."""
    texts: list[str] = []
    for path in sorted(Path(package_file).parent.rglob("*")):
        texts.append(path.as_posix())
        if path.suffix == ".py":
            texts += _strings(path.read_text(encoding="utf-8"))
        elif path.suffix in (".html", ".css", ".js", ".smk"):
            texts.append(path.read_text(encoding="utf-8"))
    return " | ".join(f" {' '.join(_WORD.findall(text)).casefold()} " for text in texts)


def _strings(source: str) -> Iterator[str]:
    tree = ast.parse(source)
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node.value
