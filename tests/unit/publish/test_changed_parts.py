"""A part with other values in some fields is what `dataclasses.replace` makes of it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from cpis_analysis.errors import CpisError
from cpis_analysis.publish.blocks import Cell, Run, TableRow
from cpis_analysis.publish.changed import changed
from cpis_analysis.publish.table import Column, Row, RowGroup, Table


@pytest.mark.parametrize("part", [Cell("1", "right", line=(Run("1"),)), TableRow((Cell("a"),), strong=True)])
def test_changed_part_is_that_of_replace_and_leaves_the_first_as_it_was(part):
    name, value = ("text", "2") if isinstance(part, Cell) else ("cells", (Cell("b"),))
    before = repr(part)
    made = changed(part, {name: value})
    assert made == replace(part, **{name: value}) != part
    assert (repr(part), hash(made)) == (before, hash(replace(part, **{name: value})))
    with pytest.raises(FrozenInstanceError):
        made.indent = 3


def test_changed_part_that_checks_its_fields_checks_them_again():
    table = Table("t", "c", (Column("a"), Column("b")), (RowGroup("", (Row(("1", "2")),)),))
    with pytest.raises(CpisError, match="can't be drawn"):
        changed(table, {"columns": (Column("a"),)})
