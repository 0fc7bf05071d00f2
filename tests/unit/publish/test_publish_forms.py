"""The forms of documents: each has a writer, and one more entry is written like the others."""

import sys
from threading import Event, Timer
from time import sleep
from types import ModuleType

import pytest

from cpis_analysis.errors import CpisError
from cpis_analysis.late import late_function
from cpis_analysis.publish import forms
from cpis_analysis.publish.blocks import Document
from cpis_analysis.publish.forms import written
from cpis_analysis.publish.forms.forms import FORMS, Form
from cpis_analysis.runs.crate import FORMATS
from cpis_analysis.runs.outputs import DOCUMENTS, PRINTED, RESULTS


def test_forms_each_has_a_writer_a_media_type_and_files_that_the_manifest_knows():
    assert len({form.ending for form in FORMS}) == len(FORMS)
    for form in FORMS:
        assert callable(late_function(form.writer, forms.__name__))
        assert FORMATS[f".{form.ending}"] == form.media_type
        assert {f"report/{name}.{form.ending}" for name in PRINTED} <= set(DOCUMENTS) <= set(RESULTS)


def test_forms_one_more_entry_is_written_beside_the_others(monkeypatch):
    plain = ModuleType("plain_text_writer")
    plain.to_text = lambda document, pictures: f"{document.title} {sorted(pictures)}".encode()
    monkeypatch.setitem(sys.modules, "plain_text_writer", plain)
    monkeypatch.setattr(written, "FORMS", (Form("txt", "plain text", "text/plain", "plain_text_writer:to_text"),))
    ((form, content),) = written.in_every_form(Document(title="Findings"), {"figure-a": b""})
    assert (form.ending, content) == ("txt", b"Findings ['figure-a']")


def test_forms_are_written_while_something_else_is_done_and_nothing_begins_after_it_failed(monkeypatch):
    begun, go = [], Event()

    def to_text(document, pictures):
        begun.append(document.title)
        go.wait(60)
        return document.title.encode()

    slow = ModuleType("slow_writer")
    slow.to_text = to_text
    monkeypatch.setitem(sys.modules, "slow_writer", slow)
    monkeypatch.setattr(written, "FORMS", (Form("txt", "plain text", "text/plain", "slow_writer:to_text"),))
    documents = {name: (Document(title=name), {}) for name in ("a", "b", "c")}

    def failing():
        with written.being_written(documents):
            while not begun:
                sleep(0.01)
            Timer(0.1, go.set).start()
            raise CpisError("It failed elsewhere.")

    with pytest.raises(CpisError, match="elsewhere"):
        failing()
    assert begun == ["a"]
    with written.being_written(documents) as being:
        assert [(name, content) for name, _, content in being] == [("a", b"a"), ("b", b"b"), ("c", b"c")]
