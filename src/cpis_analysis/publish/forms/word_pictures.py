"""Pictures in a Word document, each with a number of its own."""

from __future__ import annotations

from itertools import count
from typing import Any

from cpis_analysis.publish.forms.word_elements import Markup, element


class WordPictures:
    """Takes pictures into a part of a new document.

    python-docx looks through the whole document for the next free number, and so gives pictures that stand in no
    document yet, such as those of the rows of one table, the same. For a free name it compares each picture with all
    that are there.
    """

    def __init__(self, part: Any) -> None:
        self._part = part
        self._numbers = count(part.next_id)
        self._taken: dict[bytes, tuple[str, Any]] = {}

    def run(self, content: bytes, name: str, told: str, width: float, height: float | None = None) -> Markup:
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
        from docx.opc.oxml import serialize_part_xml
        from docx.oxml.shape import CT_Inline
        from docx.shared import Pt

        relation, image = self._related(content)
        sides = image.scaled_dimensions(Pt(width), None if height is None else Pt(height))
        inline = CT_Inline.new_pic_inline(next(self._numbers), relation, image.filename, *sides)
        inline.docPr.set("descr", told)
        inline.docPr.set("name", name)
        # without the declaration that stands before it
        drawn = serialize_part_xml(inline).decode().partition("?>")[2]
        return element("w:r", element("w:drawing", drawn))

    def _related(self, content: bytes) -> tuple[str, Any]:
        """The relation and the picture; what comes again stands in the file once."""
        if content not in self._taken:
            from docx.image.image import Image
            from docx.opc.constants import RELATIONSHIP_TYPE
            from docx.opc.packuri import PackURI
            from docx.parts.image import ImagePart

            image = Image.from_blob(content)
            place = PackURI(f"/word/media/image{len(self._taken) + 1}.png")
            part = ImagePart.from_image(image, place)
            self._taken[content] = self._part.relate_to(part, RELATIONSHIP_TYPE.IMAGE), image
        return self._taken[content]
