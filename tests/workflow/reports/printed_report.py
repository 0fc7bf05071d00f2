"""Reads the documents of a run as a reader does, and the files to which numbers.json traces what they print."""

from __future__ import annotations

import csv
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from cpis_analysis.publish.sources.tokens import find_numbers
from html_tree import Node, parse_html

__all__ = ["Files", "docx_alternatives", "docx_numbers", "numbers_of", "page_sections", "pdf_numbers", "rounds_to"]

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_CONTROLS = {"script", "style", "svg", "nav", "template", "button", "select", "label", "input", "datalist", "output"}
# code of other programs and checksums of files are no text of the report
_CODE = {"pre"}


def numbers_of(texts: Iterator[str]) -> Counter[str]:
    """Printed numbers with how often each stands there."""
    return Counter(token.text for text in texts for token in find_numbers(text))


def page_sections(html: str) -> dict[str, list[str]]:
    """Texts of the page, paragraph by paragraph and cell by cell, by section."""
    root = parse_html(html)
    return {node.attributes["id"]: list(_texts(node)) for node in root.elements("section")}


def docx_numbers(path: Path) -> Counter[str]:
    """Numbers in the text of a Word document, without its contents list."""
    import docx

    body = docx.Document(str(path)).element.body
    return numbers_of(
        _paragraph(part) for part in body.iter(f"{_WORD}p") if not _style(part).lower().startswith(("contents", "toc"))
    )


def docx_alternatives(path: Path) -> list[str]:
    """Alternative texts of the pictures of a Word document."""
    import docx

    return [part.get("descr", "") for part in docx.Document(str(path)).element.body.iter(f"{_DRAWN}docPr")]


def pdf_numbers(text: str, running: str, title: str) -> Counter[str]:
    """Numbers in the text of a PDF, without heads and feet of pages and the list of contents."""
    pages = []
    for page in text.split("\f"):
        lines = [line.strip() for line in page.split("\n")]
        kept = [
            line
            for line in lines
            if line
            and line not in (running, title)
            and not re.fullmatch(rf"(?:{re.escape(title)}\s*)?Page \d+ of \d+", line)
            and not re.search(r"(?: \.){3,} *\u2060?\d+$", line)
        ]
        pages.append("\n".join(kept))
    # a word is parted at its hyphen: QPR-15
    return numbers_of(re.sub(r"(?<=[A-Za-z0-9])-\n(?=\w)", "-", page) for page in pages)


def rounds_to(value: float, text: str) -> bool:
    """Whether a value prints as this text."""
    bare = text.replace("−", "-").replace(",", "").replace("+", "").rstrip("%")
    if bare[0] in "<>":
        limit = float(bare[1:])
        return value < limit if bare[0] == "<" else value > limit
    decimals = len(bare.partition(".")[2])
    unit = Decimal(1).scaleb(-decimals)
    return abs(Decimal(repr(abs(value))).quantize(unit, rounding=ROUND_HALF_UP)) == abs(Decimal(bare))


class Files:
    """Values in the files of a run by what numbers.json says of their places."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.json = lru_cache(maxsize=None)(lambda name: json.loads((root / name).read_text("utf-8")))
        self.rows = lru_cache(maxsize=None)(self._rows)
        self.lines = lru_cache(maxsize=None)(self.lines)

    def value(self, place: dict[str, Any]) -> Any:
        """A number or a text; of several cells, or of rows that are described, a list."""
        if "cells" in place:
            return [self.value(cell) for cell in place["cells"]]
        if "rows" in place:
            return [self.value({"file": place["file"], "row": row, "column": place["column"]}) for row in place["rows"]]
        file, row, column = place["file"], place["row"], place["column"]
        if file.endswith(".csv"):
            rows = self.rows(file)
            if row.isdigit():
                return _number(rows[int(row) - 2][column])
            return [line[column] for line in rows if _fits(line, row)]
        if file.endswith(".yaml"):
            return _at(yaml.safe_load((self.root / file).read_text("utf-8")), column)
        record = self.json(file)
        if Path(file).name == "summaries.json":
            name, _, condition = row.partition(" where ")
            lines = self.lines(file, name.partition(":")[0])
            if condition:
                return [line[column] for line in lines if _fits(line, condition)]
            return lines[int(name.partition(":")[2])][column]
        if Path(file).parent.name == "models":
            record = next(part for part in record if part["spec"]["name"] == row)
        return _at(record, column)

    def line(self, place: dict[str, Any]) -> dict[str, Any]:
        """The row of a frame in which a cell stands."""
        if place["file"].endswith(".csv"):
            return self.rows(place["file"])[int(place["row"]) - 2]
        name, _, row = place["row"].partition(":")
        return self.lines(place["file"], name)[int(row)]

    def lines(self, file: str, name: str) -> list[dict[str, Any]]:
        """Rows of a frame of the summaries."""
        columns = self.json(file)[name]["columns"]
        return [
            dict(zip(columns, row, strict=True))
            for row in zip(*(part["values"] for part in columns.values()), strict=True)
        ]

    def text(self, place: dict[str, str]) -> str:
        """All text of the file that a quote names, on one line."""
        return " ".join((self.root / place["file"]).read_text("utf-8").split())

    def _rows(self, name: str) -> list[dict[str, str]]:
        with open(self.root / name, encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))


def _fits(line: dict[str, str], conditions: str) -> bool:
    for condition in filter(None, conditions.split("; ")):
        name, relation, wanted = re.fullmatch(r"(\w+) (=|is not) (.*)", condition).groups()
        if (line[name] == wanted) == (relation == "is not"):
            return False
    return True


def _number(text: str) -> Any:
    if text in ("True", "False"):
        return float(text == "True")
    try:
        return float(text)
    except ValueError:
        return math.nan if not text else text


def _at(record: Any, path: str) -> Any:
    """What stands at a path such as ``bins[3].q90`` or ``effects[group = trust].mode``."""
    for quoted, name, place in re.findall(r'\["([^"]*)"\]|([^.\[\]]+)|\[([^\]]*)\]', path):
        name = quoted or name
        if name:
            record = [part[name] for part in record] if isinstance(record, list) else record[name]
        elif place.isdigit():
            record = record[int(place)]
        else:
            key, _, wanted = place.partition(" = ")
            record = [part for part in record if part[key] == wanted]
    return record


def _texts(node: Node) -> Iterator[str]:
    """Texts of a part of the page; inline elements are no borders."""
    words: list[str] = []
    for child in node.children:
        if isinstance(child, str):
            words.append(child)
        elif child.tag in _CONTROLS or child.tag in _CODE or "hidden" in child.attributes:
            continue
        elif (
            child.tag == "details"
            and "screen" in child.classes
            and child.first("dl") is None
            and (summary := child.first("summary")) is not None
            and summary.text.startswith("Description of")
        ):
            continue
        elif child.tag in ("span", "a", "strong", "em", "code", "b", "i"):
            words += [" ".join(_texts(child))]
        elif child.tag == "br":
            words.append(" ")
        else:
            yield "".join(words)
            words = []
            yield from _texts(child)
    yield "".join(words)


def _style(paragraph: Any) -> str:
    found = paragraph.find(f"{_WORD}pPr/{_WORD}pStyle")
    return "" if found is None else found.get(f"{_WORD}val", "")


def _paragraph(paragraph: Any) -> str:
    return "".join(
        part.text or "" if part.tag == f"{_WORD}t" else " "
        for part in paragraph.iter(f"{_WORD}t", f"{_WORD}tab", f"{_WORD}br")
    )
