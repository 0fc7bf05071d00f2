"""Documents in every form that there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from cpis_analysis.late import late_functions
from cpis_analysis.publish.blocks import Document
from cpis_analysis.publish.forms.forms import FORMS, Form
from cpis_analysis.publish.shown import as_shown


@contextmanager
def being_written(
    documents: Mapping[str, tuple[Document, Mapping[str, bytes]]],
) -> Iterator[Iterator[tuple[str, Form, bytes]]]:
    """Write documents in each form while something else is done: name, form and content of each, when asked for.

    While Typst sets a PDF, which takes longest, Python is free for all the rest.

    Parameters
    ----------
    documents : mapping of str to (Document, pictures)
        By name; pictures in dots, by their ids, for forms without drawings.
    """
    shown = {name: (as_shown(document), pictures) for name, (document, pictures) in documents.items()}
    writers = list(late_functions(FORMS, "writer", __package__))
    with ThreadPoolExecutor(len(writers)) as pool:
        waiting = [
            (name, form, pool.submit(write, document, pictures))
            for name, (document, pictures) in shown.items()
            for form, write in zip(FORMS, writers, strict=True)
        ]
        try:
            yield ((name, form, one.result()) for name, form, one in waiting)
        finally:
            # where something else has failed, nobody asks for what has not begun
            pool.shutdown(wait=False, cancel_futures=True)


def in_every_form(document: Document, pictures: Mapping[str, bytes]) -> Iterator[tuple[Form, bytes]]:
    """Each form with the document written in it; `pictures` in dots, by their ids, for forms without drawings."""
    with being_written({"": (document, pictures)}) as written:
        yield from ((form, content) for _, form, content in written)
