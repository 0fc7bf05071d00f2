"""Markdown -> blocks: the part of CommonMark that a report can set in every form.

Paragraphs, headings, lists, emphasis, code and links to addresses become blocks. Everything else, HTML and pictures
among it, is text like any other and reaches a reader as it is written. Nothing is asked of a network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from cpis_analysis.publish.blocks import Block, Bullets, Heading, Line, Listing, Paragraph
from cpis_analysis.publish.lines import Run, plain

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

_RULES = ("emphasis", "backticks", "link", "autolink", "list", "heading", "fence", "newline", "escape", "entity")
_ADDRESS = re.compile(r"(?:https?://|mailto:)\S+", re.IGNORECASE)
_DEEPEST = 4
Mark = Callable[[str], str]


def markdown_blocks(text: str, level: int = 2, mark: Mark = str) -> list[Block]:
    """Blocks of a text.

    Parameters
    ----------
    text : str
        Markdown.
    level : int
        Of the text's own highest heading.
    mark : callable
        Called with every text that is printed; gives it back, with marks behind its numbers.

    Returns
    -------
    list of Block
        Headings, paragraphs, lists and listings. Items of a numbered list are paragraphs that begin with their number.
    """
    from markdown_it.tree import SyntaxTreeNode

    return list(_blocks(SyntaxTreeNode(_parser().parse(text)).children, level, mark))


def markdown_line(text: str, mark: Mark = str) -> Line:
    """A text as one line, such as what is said of a term: its paragraphs and items follow each other."""
    lines: list[Line] = []
    for block in markdown_blocks(text, mark=mark):
        match block:
            case Paragraph(line):
                lines.append(line)
            case Bullets(items):
                lines += items
            case Heading(_, words) | Listing(words):
                lines.append((Run(words),))
    return tuple(run for place, line in enumerate(lines) for run in ((Run(" "), *line) if place else line))


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("zero").enable(list(_RULES))


def _blocks(nodes: Iterable[SyntaxTreeNode], level: int, mark: Mark) -> Iterator[Block]:
    for node in nodes:
        match node.type:
            case "heading":
                yield Heading(min(level + int(node.tag[1:]) - 1, _DEEPEST), plain(_line(node, mark)))
            case "bullet_list":
                yield Bullets(tuple(_items(node, mark)))
            case "ordered_list":
                first = int(node.attrs.get("start", 1))
                for number, item in enumerate(node.children, start=first):
                    lines = list(_items_of(item, mark))
                    head = mark(f"{number}. ")
                    yield from (Paragraph((Run(head), *line) if line is lines[0] else line) for line in lines)
            case "fence":
                yield Listing(mark(node.content.rstrip("\n")), "Code")
            case _:
                yield Paragraph(_line(node, mark))


def _items(node: SyntaxTreeNode, mark: Mark) -> Iterator[Line]:
    """Items of a list; those of lists within it stand beside them."""
    for item in node.children:
        yield from _items_of(item, mark)


def _items_of(item: SyntaxTreeNode, mark: Mark) -> Iterator[Line]:
    for part in item.children:
        if part.type in ("bullet_list", "ordered_list"):
            yield from _items(part, mark)
        elif part.type == "fence":
            yield (Run(mark(part.content.strip()), "code"),)
        else:
            yield _line(part, mark)


def _line(node: SyntaxTreeNode, mark: Mark, style: str = "") -> Line:
    """Runs of a paragraph or heading, or of what stands within one."""
    runs: list[Run] = []
    for part in node.children:
        match part.type:
            case "inline":
                runs += _line(part, mark, style)
            case "strong" | "em":
                runs += _line(part, mark, "strong" if part.type == "strong" else "emphasis")
            case "code_inline":
                runs.append(Run(mark(part.content), "code"))
            case "link":
                runs += _link(part, mark)
            case "softbreak" | "hardbreak":
                runs.append(Run(" "))
            case _:
                runs.append(Run(mark(part.content), style))
    return tuple(run for run in runs if run.text)


def _link(node: SyntaxTreeNode, mark: Mark) -> Iterator[Run]:
    """A link says its address, for paper; one that leads to no address is its words alone."""
    address = str(node.attrs["href"])
    words = plain(_line(node, str))
    if not _ADDRESS.fullmatch(address):
        yield Run(mark(words))
        return
    said = address.removeprefix("mailto:")
    if words != said:
        yield Run(f"{mark(words)} (")
    yield Run(mark(said), file=address)
    if words != said:
        yield Run(")")
