"""The registry of file formats: each is told and read, and one more entry is read like the others."""

import sys
from types import ModuleType

import pytest

from cpis_analysis.intake import files
from cpis_analysis.intake.files import read_file as module
from cpis_analysis.late import late_function
from cpis_analysis.plan import file_formats
from cpis_analysis.plan.file_formats import FILE_FORMATS, FileFormat, format_of_bytes
from cpis_analysis.plan.schema import Source


@pytest.mark.parametrize("one", [one for one in FILE_FORMATS if one.reader], ids=lambda one: one.name)
def test_formats_that_are_no_text_have_a_sign_and_a_reader(one):
    assert callable(late_function(one.reader, files.__name__))
    assert not one.starts(b"participant,age\n")
    assert not one.starts(b"")


def test_formats_text_is_the_plainest():
    assert format_of_bytes(b"participant,age\n").name == "csv"


def test_formats_one_more_entry_is_told_and_read(monkeypatch, tmp_path):
    reader = ModuleType("lines_reader")
    reader.read = lambda path, source, known: (source.file, [*path.read_text().split()[1:], *sorted(known)])
    monkeypatch.setitem(sys.modules, "lines_reader", reader)
    own = FileFormat(
        "lines", "file of lines", "a file of lines", lambda start: start[:6] == b"#lines", "lines_reader:read"
    )
    for place in (file_formats, module):
        monkeypatch.setattr(place, "FILE_FORMATS", (*FILE_FORMATS, own))
    path = tmp_path / "a.lines"
    path.write_text("#lines one two")
    asked = Source(file="a.lines", holds="wide", format="lines")
    assert module.read_file(path, asked, frozenset({"age"})) == ("a.lines", ["one", "two", "age"])
    (problem,) = module.read_file(path, asked.model_copy(update={"format": "spss"}))[1]
    assert (problem.message, problem.hint) == ("is no SPSS data file", "it looks like a file of lines")
