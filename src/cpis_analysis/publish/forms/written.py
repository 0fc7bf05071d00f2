"""A document in every form that there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpis_analysis.late import late_functions
from cpis_analysis.publish.blocks import Document
from cpis_analysis.publish.forms.forms import FORMS, Form


def in_every_form(document: Document, pictures: Mapping[str, bytes]) -> Iterator[tuple[Form, bytes]]:
    """Each form with the document written in it; `pictures` in dots, by their ids, for forms without drawings."""
    for form, write in zip(FORMS, late_functions(FORMS, "writer", __package__), strict=True):
        yield form, write(document, pictures)
