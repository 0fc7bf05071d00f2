"""Pictures in a Word document, each with a number of its own."""

from __future__ import annotations

from itertools import count
from typing import Any

from cpis_analysis.publish.forms.word_elements import Markup, element, escaped_value

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_INLINE = (
    f'<wp:inline xmlns:wp="{_DRAWING}/wordprocessingDrawing" xmlns:a="{_DRAWING}/main" xmlns:pic="{_DRAWING}/picture">'
    '<wp:extent cx="{width}" cy="{height}"/><wp:docPr id="{number}" name="{name}" descr="{told}"/>'
    '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
    f'<a:graphic><a:graphicData uri="{_DRAWING}/picture"><pic:pic>'
    '<pic:nvPicPr><pic:cNvPr id="0" name="image.png"/><pic:cNvPicPr/></pic:nvPicPr>'
    '<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
    '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
    '<a:prstGeom prst="rect"/></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline>'
)
"""A picture in a line of text, as python-docx makes it of a tree, which is read and written once for each."""


class WordPictures:
    """Takes pictures into a part of a new document.

    python-docx looks through the whole document for the next free number, and so gives pictures that stand in no
    document yet, such as those of the rows of one table, the same. For a free name it compares each picture with all
    that are there, and for a relation all others.
    """

    def __init__(self, part: Any) -> None:
        self._part = part
        self._numbers = count(part.next_id)
        self._relations = count(1)
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
        from docx.shared import Pt

        relation, image = self._related(content)
        wide, high = image.scaled_dimensions(Pt(width), None if height is None else Pt(height))
        drawn = _INLINE.format(
            width=wide,
            height=high,
            number=next(self._numbers),
            name=escaped_value(name),
            told=escaped_value(told),
            relation=relation,
        )
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
            relation = next(name for name in map("rId{}".format, self._relations) if name not in self._part.rels)
            self._part.load_rel(RELATIONSHIP_TYPE.IMAGE, ImagePart.from_image(image, place), relation)
            self._taken[content] = relation, image
        return self._taken[content]
