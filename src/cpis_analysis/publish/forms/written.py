"""A document in every form that there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from cpis_analysis.late import late_functions
from cpis_analysis.publish.blocks import Document
from cpis_analysis.publish.forms.forms import FORMS, Form


def in_every_form(document: Document, pictures: Mapping[str, bytes]) -> Iterator[tuple[Form, bytes]]:
    """Each form with the document written in it; `pictures` in dots, by their ids, for forms without drawings.

    All at a time: while Typst sets the PDF, which takes longest, Python is free to write the others.
    """
    writers = list(late_functions(FORMS, "writer", __package__))
    with ThreadPoolExecutor(len(writers)) as pool:
        written = [pool.submit(write, document, pictures) for write in writers]
        for form, one in zip(FORMS, written, strict=True):
            yield form, one.result()
