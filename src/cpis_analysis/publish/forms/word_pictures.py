"""Pictures in a Word document, each with a number of its own."""

from __future__ import annotations

import io
from itertools import count
from typing import Any

from cpis_analysis.publish.forms.word_elements import element


class WordPictures:
    """Takes pictures into a part of a document.

    python-docx looks through the whole document for the next free number, and so gives pictures that stand in no
    document yet, such as those of the rows of one table, the same.
    """

    def __init__(self, part: Any) -> None:
        self._part = part
        self._numbers = count(part.next_id)

    def run(self, content: bytes, name: str, told: str, width: float, height: float | None = None) -> Any:
        """A run that holds a picture.

        Parameters
        ----------
        content : bytes
            PNG.
        name, told : str
            Name and alternative text.
        width, height : float
            Points; without a height the picture keeps its sides' ratio.
        """
        from docx.oxml.shape import CT_Inline
        from docx.shared import Pt

        relation, image = self._part.get_or_add_image(io.BytesIO(content))
        sides = image.scaled_dimensions(Pt(width), None if height is None else Pt(height))
        inline = CT_Inline.new_pic_inline(next(self._numbers), relation, image.filename, *sides)
        inline.docPr.set("descr", told)
        inline.docPr.set("name", name)
        return element("w:r", element("w:drawing", inline))
