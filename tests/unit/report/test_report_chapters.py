"""The registry of chapters: every part is named once and there, and one more line is all that a new part needs."""

import ast
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

import cpis_analysis.chapters as room
from chapter_material import labels, results
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.pending_exhibit import order
from cpis_analysis.late import late_function
from cpis_analysis.publish.pen.style import canvas_of, finish
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.report import figures, tables
from cpis_analysis.report.every_chapter import CHAPTERS

FOLDER = Path(room.__file__).parent


@pytest.mark.parametrize("kind", ["tables", "figures"])
def test_registry_names_every_part_that_a_chapter_has(kind):
    """Oracle: the folders. A part that nothing names would be missing from the report without a word."""
    there = {
        f".{'.'.join(path.relative_to(FOLDER).with_suffix('').parts)}:{kind}"
        for path in FOLDER.glob("*/*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == kind
    }
    named = [name for chapter in CHAPTERS for name in getattr(chapter, kind)]
    assert len(named) == len(set(named))
    assert set(named) == there
    assert all(callable(late_function(name, room.__name__)) for name in named)


def test_registry_of_chapters_has_each_id_once_and_a_section_for_each():
    assert len({chapter.id for chapter in CHAPTERS}) == len(CHAPTERS)
    assert all(callable(late_function(chapter.section, room.__name__)) for chapter in CHAPTERS)


def counted(material):
    """Set a table of one number, as a chapter would."""
    yield Table("counted", "Analyses", (Column("n"),), (RowGroup("", (Row((str(len(material.results)),)),)),))


def drawn(shown, labels):
    return finish(canvas_of(10, False), "counted", "Analyses", f"{shown} analyses")


def ordered(material):
    yield order(drawn, len(material.results), labels=material.labels)


@pytest.mark.parametrize(("module", "kind"), [(tables, "tables"), (figures, "figures")])
def test_registry_one_more_line_is_all_that_a_new_part_needs(monkeypatch, module, kind):
    part = ModuleType("new_part")
    vars(part).update(tables=counted, figures=ordered)
    monkeypatch.setitem(sys.modules, "new_part", part)
    line = replace(CHAPTERS[0], id="new", **{kind: (f"new_part:{kind}",)})
    monkeypatch.setattr(module, "CHAPTERS", (line,))
    material = Material(labels(), {}, results())
    if kind == "tables":
        (table,) = tables.all_tables(material)
        assert table.id == "counted"
    else:
        (figure,) = figures.all_figures({}, results(), {}, labels())
        assert figure.alt == "3 analyses"
