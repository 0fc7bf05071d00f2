"""Abbreviations spelled out where they are first read: in a sentence beside them, of a figure or table in its note."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from cpis_analysis.publish.blocks import (
    Block,
    Bullets,
    Chart,
    DataTable,
    FlowChart,
    Heading,
    Line,
    Paragraph,
    RowChart,
    Run,
    Section,
    Tile,
    Tiles,
    Verdict,
    plain,
)
from cpis_analysis.publish.sources.ledger import unmarked
from cpis_analysis.words.wording import mid_sentence

_MARKS = "[\U000f0000-\U0010ffff]*"
"""Marks of numbers may stand behind any digit; see `publish.sources.ledger`."""
_SENTENCE = re.compile(r"(?:^|[.?!:])\s*$")

_Exhibit = Chart | RowChart | FlowChart | DataTable


class Speller:
    """Goes through a document in the order in which it is read, and remembers what has been spelled out.

    Parameters
    ----------
    known : mapping of str to str
        Abbreviation -> what it stands for.
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._told: set[str] = set()
        self._titled: set[str] = set()
        ordered = sorted(known, key=len, reverse=True)
        words = "|".join(_MARKS.join(map(re.escape, word)) + _MARKS for word in ordered)
        self._pattern = re.compile(rf"(?<![\w-])(?:{words})(?!\w|-\w)") if words else None

    def sections(self, sections: Iterable[Section]) -> list[Section]:
        """Sections of a document, in order."""
        made = []
        for section in sections:
            # one a section is told by a pointer: more would underline half the text
            self._titled = set()
            made.append(replace(section, blocks=tuple(self.blocks(section.blocks))))
        return made

    def blocks(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """Blocks in order; what is folded is read later, and stays."""
        return map(self._block, blocks)

    def _block(self, block: Block) -> Block:
        match block:
            case Heading(_, text):
                self._hear(text)
            case Paragraph(line):
                return replace(block, line=self._line(line))
            case Bullets(lines):
                return replace(block, lines=tuple(map(self._line, lines)))
            case Verdict():
                lede = self._line(block.lede)
                picture = self._picture(block.picture) if block.picture else None
                later, caution = tuple(map(self._line, block.later)), self._line(block.caution)
                return replace(block, lede=lede, picture=picture, later=later, caution=caution)
            case Tiles(tiles):
                return replace(block, tiles=tuple(map(self._tile, tiles)))
            case DataTable(notes=notes):
                new = self._new(block)
                return replace(block, notes=(*notes, new)) if new else block
            case Chart():
                return self._picture(block)
            case RowChart() | FlowChart():
                return replace(block, note=f"{block.note} {self._new(block)}".strip())
        return block

    def _tile(self, tile: Tile) -> Tile:
        return replace(tile, text=tuple(map(self._line, tile.text)))

    def _line(self, line: Line) -> Line:
        self._hear(plain(line))
        return tuple(piece for run in line for piece in self._run(run))

    def _run(self, run: Run) -> Iterator[Run]:
        """The run in pieces: text, abbreviation, text."""
        if self._pattern is None or run.style or run.target or run.file:
            yield run
            return
        text, done = run.text, 0
        for found in self._pattern.finditer(text):
            short = unmarked(found[0])
            before, after = text[done : found.start()], ""
            if short not in self._told:
                opened, after = (", ", "") if _within_brackets(text[: found.start()]) else (" (", ")")
                full = self._known[short]
                before += (full if _SENTENCE.search(before) else mid_sentence(full)) + opened
                self._told.add(short)
            elif short in self._titled:
                continue
            self._titled.add(short)
            yield Run(before)
            yield Run(found[0], title=unmarked(self._known[short]))
            done = found.end()
            if after:
                yield Run(after)
        yield replace(run, text=text[done:])

    def _new(self, exhibit: _Exhibit) -> str:
        """What the abbreviations in an exhibit stand for that are new; empty for none."""
        said = " ".join(_texts(exhibit))
        self._hear(said)
        new: dict[str, str] = {}
        for found in self._pattern.finditer(said) if self._pattern else ():
            if unmarked(found[0]) not in self._told:
                new.setdefault(unmarked(found[0]), found[0])
        self._told |= set(new)
        return "; ".join(f"{printed}: {self._known[short]}" for short, printed in new.items()) + "." * bool(new)

    def _picture(self, chart: Chart) -> Chart:
        return replace(chart, note=f"{chart.note} {self._new(chart)}".strip())

    def _hear(self, text: str) -> None:
        """Take note of what a text says in full."""
        low = unmarked(text).lower()
        self._told |= {short for short, full in self._known.items() if unmarked(full).lower() in low}


def _within_brackets(text: str) -> bool:
    return text.count("(") > text.count(")")


def _texts(exhibit: _Exhibit) -> Iterator[str]:
    """Everything that an exhibit says."""
    if isinstance(exhibit, DataTable):
        yield exhibit.caption
        for line in (*exhibit.head, *(row.cells for row in exhibit.rows)):
            yield from (cell.text for cell in line)
        yield from exhibit.notes
        return
    yield from (exhibit.title, exhibit.sub, exhibit.note)
    if isinstance(exhibit, FlowChart):
        for branch in (exhibit.trunk, *exhibit.branches):
            yield from (line for box in branch if box is not None for line in box.lines)
        return
    yield from (entry.text for entry in exhibit.key)
    if isinstance(exhibit, Chart):
        yield from (one.text for one in exhibit.drawing.words)
        return
    yield from exhibit.heads
    for row in exhibit.rows:
        yield from (row.label, row.note, row.value, row.value_note)
