"""The forms in which a document is written: a new one is a writer and an entry here.

Read wherever files of a run are listed: by the rule that writes them, by the manifest and by its metadata.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """One form.

    Attributes
    ----------
    ending : str
        Of its files, without the dot.
    words : str
    media_type : str
    writer : str
        (Document, pictures in dots by their ids) -> bytes, as `late.late_function` takes it in this folder. The
        same document gives the same bytes.
    """

    ending: str
    words: str
    media_type: str
    writer: str


FORMS = (
    Form("pdf", "PDF/UA-1", "application/pdf", writer=".pdf:to_pdf"),
    Form(
        "docx",
        "Word",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        writer=".word:to_docx",
    ),
)
