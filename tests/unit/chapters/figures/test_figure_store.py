"""A figure is drawn again when something that it shows has changed, and only then."""

import dataclasses
import json

import pandas as pd
import pytest

from chapter_material import PLAN, flow, labels, people, plan, results
from cpis_analysis.chapters.pending_exhibit import FigureOrder, order
from cpis_analysis.disclosure.protect import protect_summaries
from cpis_analysis.publish.blocks import Picture
from cpis_analysis.publish.format import number
from cpis_analysis.publish.html import blocks_html
from cpis_analysis.publish.pen.style import canvas_of, finish
from cpis_analysis.publish.sources.ledger import open_ledger, split_marks
from cpis_analysis.publish.sources.sourced import setting
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.report.exhibits import (
    kept_exhibits,
    numbers_file,
    numbers_of,
    read_figures,
    read_tables,
    write_exhibits,
)
from cpis_analysis.report.figures import figure_orders
from cpis_analysis.report.keeping import Keeping
from cpis_analysis.report.moved_cells import cells_shown, follow, followed
from cpis_analysis.report.printed import with_sources
from cpis_analysis.steps.draw_figures import figure_entry, with_dots
from cpis_analysis.steps.make_tables import table_entry
from cpis_analysis.study.describe import summaries
from pen_drawings import figure_of

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def described():
    return protect_summaries(summaries(plan(), people()), 5)[0]


def orders(described, content=None, found=None):
    return list(figure_orders(described, results() if found is None else found, flow(people()), labels(content)))


def changed_outcome(name, **keys):
    """The plan with keys of one outcome changed."""
    return plan(outcomes={name: PLAN["outcomes"][name] | keys})


def names_of(described, moved):
    """Ids of the figures whose keys are in one list and not in the other."""
    return {figure.make().id for figure in orders(described) if figure.key not in {other.key for other in moved}}


def test_order_key_is_the_same_for_the_same_content(described):
    assert [figure.key for figure in orders(described)] == [figure.key for figure in orders(described)]
    assert len({figure.key for figure in orders(described)}) == len(orders(described))


def test_order_moved_result_redraws_only_what_shows_it(described):
    found = results()
    at = next(i for i, result in enumerate(found) if result.spec.outcome == "gas")
    other = dataclasses.replace(found[at], estimate=dataclasses.replace(found[at].estimate, estimate=99.0))
    redrawn = names_of(described, orders(described, found=[*found[:at], other, *found[at + 1 :]]))
    assert redrawn == {"forest", "diagnostics-gas-post"}


def test_order_changed_label_redraws_every_figure_that_says_it(described):
    """No figure whose key stayed looks different: the key leaves out nothing that is drawn."""
    name = next(name for name in PLAN["outcomes"] if name != "rguk")
    content = changed_outcome(name, label="Another label", short_label="Another")
    before, after = orders(described), orders(described, content)
    stayed = {figure.key for figure in before} & {figure.key for figure in after}
    drawn = [{figure.key: figure.make() for figure in some if figure.key in stayed} for some in (before, after)]
    assert drawn[0] == drawn[1]
    assert "flow" in {figure.id for figure in drawn[0].values()}
    assert {"forest", "missing"} <= names_of(described, after)


def test_order_changed_formula_alone_redraws_nothing(described):
    """Numbers that move with a formula are part of the results; here they stay."""
    content = plan(models={"change": PLAN["models"]["change"] | {"formula": "{outcome}_change ~ arm"}})
    assert content != plan()
    assert [figure.key for figure in orders(described, content)] == [figure.key for figure in orders(described)]


def test_order_of_something_without_a_plain_form_is_refused():
    with pytest.raises(TypeError, match="can't be ordered from object"):
        order(lambda *parts: finish(canvas_of(10, False), "a", "", ""), object(), labels=labels())


def test_store_keeps_what_is_whole_and_drops_what_was_touched(tmp_path):
    index = tmp_path / "figures.json"
    made = [
        ({"id": name, "key": f"key {name}"}, {f"{name}.svg": f"<svg>{name}</svg>", f"{name}.png": b"\x00"})
        for name in "abc"
    ]
    write_exhibits(index, made)
    first = index.read_bytes()
    (tmp_path / "b.svg").write_text("<svg>edited</svg>", encoding="utf-8")
    (tmp_path / "c.png").unlink()
    kept = kept_exhibits(index)
    assert set(kept) == {"key a"}
    again = ((kept[entry["key"]], {}) if entry["key"] in kept else (entry, files) for entry, files in made)
    write_exhibits(index, again)
    assert index.read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.png",
        "a.svg",
        "b.png",
        "b.svg",
        "c.png",
        "c.svg",
        "figures.json",
    ]


@pytest.mark.parametrize("text", ["", "{", "[1]", json.dumps([{"id": "a", "files": ["a.svg"]}]), "null"])
def test_store_of_another_version_is_made_anew(tmp_path, text):
    (tmp_path / "figures.json").write_text(text, encoding="utf-8")
    assert kept_exhibits(tmp_path / "figures.json") == {}


def test_store_follows_the_rows_of_a_figure_that_stays():
    def numbers(first):
        shown = with_sources(pd.DataFrame({"outcome": ["a", "a"], "mean": [1.5, 2.5]}), "s.json", "means:", first)
        waiting = order(drawn, shown, labels=labels(), outcomes=())
        with open_ledger() as ledger:
            known = numbers_of(ledger, {"words": [number(shown["mean"].iloc[1] - shown["mean"].iloc[0], 1)]})
        return waiting, known

    (before, known), (after, wanted) = numbers(0), numbers(7)
    assert before.key == after.key
    places = follow(known["known"], cells_shown(before.shown), as_it_is)
    assert places
    assert followed(places, before.shown, as_it_is) == (places, None)
    now, moved = followed(places, after.shown, as_it_is)
    assert moved(known) == wanted != known
    assert now == follow(wanted["known"], cells_shown(after.shown), as_it_is)


def as_it_is(cell):
    return cell


def drawn(shown, labels):
    raise AssertionError


def test_numbers_of_a_table_come_back_with_their_marks(tmp_path):
    def table():
        cell = setting(1.04, "a.py", "ONE")
        return Table("t", "T", (Column("A"),), (RowGroup("", (Row((number(cell, 1),)),)),), (f"n = {number(cell, 1)}",))

    plain = table()
    with open_ledger() as ledger:
        entry, numbers = table_entry(table(), ledger)
    write_exhibits(tmp_path / "tables.json", [(entry, numbers_file(entry, numbers))])
    assert read_tables(tmp_path / "tables.json")["t"] == plain
    with open_ledger() as ledger:
        read = read_tables(tmp_path / "tables.json")["t"]
        for text in (read.rows[0].cells[0], read.notes[0]):
            ((_, mark),) = split_marks(text)[1]
            assert ledger.record(mark)["source"]["column"] == "ONE"


def test_figure_comes_back_as_it_was_drawn_with_the_marks_of_its_lines(tmp_path):
    plain, index = figure_of(numbered), stored(tmp_path)
    (read,) = read_figures(index).values()
    assert (read.id, read.title, read.alt, read.svg) == ("one", "Title", "Words", plain.svg)
    assert (read.size, read.lines) == (plain.size, plain.lines)
    assert read.lines == (("0.0", True), ("5.0", True), ("n = 5.0", False))
    assert in_page(read) == in_page(plain)
    with open_ledger() as ledger:
        (read,) = read_figures(index).values()
        assert [len(split_marks(text)[1]) for text, _ in read.lines] == [0, 0, 1]
        ((_, mark),) = split_marks(read.lines[2][0])[1]
        assert ledger.record(mark)["source"]["column"] == "ONE"


def test_figures_of_an_earlier_version_are_drawn_anew(tmp_path):
    """Its index says nothing of lines and of pages; its files are whole."""
    files = {"one.svg": "<svg/>", "one.png": b"", "one.alt.txt": "Words\n"}
    index = tmp_path / "figures" / "figures.json"
    write_exhibits(index, [({"id": "one", "title": "Title", "key": "key", "drawn": []}, files)])
    assert kept_exhibits(index)
    (read,) = read_figures(stored(tmp_path)).values()
    assert in_page(read) == in_page(figure_of(numbered))


def numbered(axes):
    axes.x_axis([0, 5], ["0.0", "5.0"])
    axes.text(5, 5, f"n = {number(setting(5.0, 'a.py', 'ONE'), 1)}", 9)


def stored(folder):
    """The index of a run with one figure."""
    (folder / "d.csv").write_text("name\n", encoding="utf-8")
    index = folder / "figures" / "figures.json"
    keeping = Keeping(index, "cpis_analysis.steps.draw_figures", folder / "d.csv", as_it_is)
    wanted = [FigureOrder("key", lambda: figure_of(numbered))]
    write_exhibits(index, with_dots(keeping.exhibits(wanted, figure_entry)))
    return index


def in_page(figure):
    return blocks_html([Picture("figure-one", "Figure 1", "Title", "Words", figure)])


def test_exhibit_that_stays_as_it_is_is_not_written_again(tmp_path):
    index = tmp_path / "tables.json"
    write_exhibits(index, [({"id": "a"}, {"a.csv": "1\n", "b.csv": "2\n"})])
    before = {name: (tmp_path / name).stat().st_ino for name in ("a.csv", "b.csv")}
    write_exhibits(index, [({"id": "a"}, {"a.csv": "1\n", "b.csv": "3\n"})])
    assert (tmp_path / "a.csv").stat().st_ino == before["a.csv"]
    assert (tmp_path / "b.csv").read_text(encoding="utf-8") == "3\n"
    assert index.read_text(encoding="utf-8") == '[\n{"id": "a", "files": ["a.csv", "b.csv"]}\n]\n'
