"""Files of results stand while they are what would be written, and for no longer."""

from __future__ import annotations

import pytest

from cpis_analysis.runs.fit_store import FitKey, StoredFit
from cpis_analysis.runs.written_models import WrittenModels

KEY = FitKey("a", "b", "c", "d")
FITS = [StoredFit.of(KEY, {"estimate": 0.1}), StoredFit.of(KEY, {"estimate": 0.2})]


@pytest.fixture
def file(tmp_path):
    """A file of results that was written of the fits by an earlier run."""
    path = tmp_path / "model.json"
    path.write_text("[]", encoding="utf-8")
    written = WrittenModels(tmp_path, "code")
    assert not written.stands(path, FITS)
    written.note(path, FITS)
    written.settle()
    return path


def stands(file, fits=FITS, made_by="code"):
    return WrittenModels(file.parent, made_by).stands(file, fits)


def test_file_stands_of_the_same_fits_by_the_same_code(file):
    assert stands(file)
    assert stands(file, [StoredFit.of(FitKey("a", "b", "other", "d"), one.record) for one in FITS])
    assert not stands(file, made_by="other")
    assert not stands(file, FITS[::-1])
    assert not stands(file, FITS[:1])
    assert not stands(file, [FITS[0], StoredFit.of(KEY, {"estimate": 0.3})])


def test_file_that_was_edited_or_is_gone_does_not_stand(file):
    file.write_text("[] ", encoding="utf-8")
    assert not stands(file)
    file.unlink()
    assert not stands(file)


@pytest.mark.parametrize("text", ["", "[]", '{"model.json": 1}'])
def test_nothing_stands_where_nobody_knows_what_it_was_made_from(file, text):
    (file.parent / "written" / "models.json").write_text(text, encoding="utf-8")
    assert not stands(file)


def test_what_is_known_stays_known_and_what_nobody_asked_for_is_forgotten(file):
    other = file.with_name("other.json")
    other.write_text("[]", encoding="utf-8")
    written = WrittenModels(file.parent, "code")
    written.note(other, FITS)
    assert written.stands(file, FITS)
    written.settle()
    assert stands(file)
    assert stands(other)
    WrittenModels(file.parent, "code").settle()
    assert not stands(file)
