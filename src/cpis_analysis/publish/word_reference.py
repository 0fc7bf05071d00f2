"""Writes documents/reference.docx: pandoc's own reference document with this project's page and styles.

Run as ``python -m cpis_analysis.publish.word_reference`` after a change here. The file may also be replaced by one
that was edited in Word; the names of the styles are what counts.
"""

from __future__ import annotations

import re
import subprocess

from cpis_analysis.files import write_bytes
from cpis_analysis.publish.word import REFERENCE
from cpis_analysis.publish.word_package import MARGIN, packed, unpacked

__all__ = ["reference_document"]

NAVY, SOFT, PLUM = "12436D", "4A5560", "801650"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FONT = '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial" w:eastAsia="Arial"/>'
_MONO = '<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Consolas" w:eastAsia="Consolas"/>'
_STAY = "<w:keepNext/><w:keepLines/>"


def reference_document() -> bytes:
    """The package: A4, margins of 2.2 cm, Arial, British English, header and footer with places for words."""
    import pypandoc

    default = subprocess.run(
        [pypandoc.get_pandoc_path(), "--print-default-data-file", "reference.docx"], capture_output=True, check=True
    ).stdout
    parts = dict(unpacked(default))
    text = {name: content.decode("utf-8") for name, content in parts.items() if name.endswith((".xml", ".rels"))}
    text["word/styles.xml"] = _styles(text["word/styles.xml"])
    text["word/settings.xml"] = text["word/settings.xml"].replace("en-US", "en-GB")
    text["word/header1.xml"] = _part("hdr", _HEADER)
    text["word/footer1.xml"] = _part("ftr", _FOOTER)
    text["word/document.xml"] = _page(text["word/document.xml"])
    text["word/_rels/document.xml.rels"] = text["word/_rels/document.xml.rels"].replace(
        "</Relationships>", _relation("header") + _relation("footer") + "</Relationships>"
    )
    text["[Content_Types].xml"] = text["[Content_Types].xml"].replace(
        "</Types>", _content_type("header") + _content_type("footer") + "</Types>"
    )
    return packed(parts | {name: content.encode("utf-8") for name, content in text.items()})


def _styles(xml: str) -> str:
    xml = xml.replace('w:val="en-US"', 'w:val="en-GB"')
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{_FONT}<w:sz w:val="20"/><w:szCs w:val="20"/>'
        '<w:lang w:val="en-GB" w:eastAsia="en-GB" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="264" w:lineRule="auto"/></w:pPr></w:pPrDefault>'
        "</w:docDefaults>"
    )
    xml = re.sub(r"<w:docDefaults>.*?</w:docDefaults>", defaults, xml, flags=re.S)
    made = [
        _style("Title", "Title", "<w:keepNext/>" + _space(0, 60), _look(34, NAVY, bold=True)),
        _style("Subtitle", "Subtitle", "<w:keepNext/>" + _space(0, 120), _look(26, SOFT)),
        _style("Author", "Author", _space(0, 120), _look(21)),
        _heading(1, 32, 400, 140),
        _heading(2, 25, 300, 110),
        _heading(3, 22, 240, 80),
        _heading(4, 21, 200, 60),
        _style("BodyText", "Body Text", _space(0, 140), ""),
        _style("FirstParagraph", "First Paragraph", "", "", based="BodyText"),
        _style("Compact", "Compact", _space(0, 80), ""),
        _style("Note", "Note", _space(60, 120), _look(18, SOFT)),
        _style("Fact", "Fact", _space(0, 50) + '<w:ind w:left="340" w:hanging="340"/>', _look(19)),
        _style("Notice", "Notice", _NOTICE + _space(80, 200), ""),
        _style("Contentsheading", "Contents heading", "<w:keepNext/>" + _space(240, 80), _look(25, NAVY, bold=True)),
        _style("TOC1", "toc 1", _TABS + _space(0, 30), ""),
        _style("Caption", "Caption", _space(0, 100), _look(19)),
        _style("TableCaption", "Table Caption", _STAY + _space(240, 80), _look(19, bold=True), based="Caption"),
        _style("ImageCaption", "Image Caption", _space(40, 280), _look(19, bold=True), based="Caption"),
        _style("CaptionedFigure", "Captioned Figure", "<w:keepNext/>" + _space(160, 40), ""),
        _style("Tablenote", "Table note", "<w:keepNext/>" + _space(16, 10, 232), _look(15, SOFT)),
        _style("Tablenotelast", "Table note last", _space(16, 200, 232), _look(15, SOFT)),
        _style("SectionBreak", "Section break", _space(0, 0), '<w:sz w:val="2"/>'),
        _style("SourceCode", "Source Code", '<w:wordWrap w:val="0"/>' + _space(0, 0), f'{_MONO}<w:sz w:val="15"/>'),
        *_table_styles("", 17),
        *_table_styles(" small", 15),
        _character("VerbatimChar", "Verbatim Char", f'{_MONO}<w:sz w:val="18"/>'),
        _character("Hyperlink", "Hyperlink", f'<w:color w:val="{NAVY}"/><w:u w:val="single"/>'),
        _TABLE,
    ]
    for style in made:
        identity = re.search(r'w:styleId="([^"]+)"', style)
        if identity:
            xml = re.sub(rf'<w:style (?=[^>]*w:styleId="{identity[1]}")[^>]*>.*?</w:style>', "", xml, flags=re.S)
    return xml.replace("</w:styles>", "".join(made) + "</w:styles>")


def _table_styles(suffix: str, size: int) -> list[str]:
    def one(name: str, more: str, look: str) -> str:
        title = f"Table {name}{suffix}"
        return _style(title.replace(" ", ""), title, more + _space(20, 20, 240), look)

    return [
        one("text", "", _look(size)),
        one("indent", "", _look(size)).replace("</w:pPr>", '<w:ind w:left="200"/></w:pPr>'),
        one("head", "<w:keepNext/>", _look(size, bold=True)),
        one("group", "<w:keepNext/>", _look(size, bold=True)).replace('w:before="20"', 'w:before="90"'),
    ]


def _heading(level: int, size: int, before: int, after: int) -> str:
    outline = f'<w:outlineLvl w:val="{level - 1}"/>'
    return _style(
        f"Heading{level}",
        f"heading {level}",
        _STAY + _space(before, after) + outline,
        _look(size, NAVY, bold=level < 4, italic=level == 4),
    ).replace("<w:qFormat/>", '<w:next w:val="BodyText"/><w:uiPriority w:val="9"/><w:qFormat/>')


def _style(identity: str, name: str, paragraph: str, run: str, based: str = "Normal") -> str:
    own = "" if name in _BUILT_IN else ' w:customStyle="1"'
    return (
        f'<w:style w:type="paragraph"{own} w:styleId="{identity}"><w:name w:val="{name}"/><w:basedOn w:val="{based}"/>'
        f"<w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


def _character(identity: str, name: str, run: str) -> str:
    own = "" if name in _BUILT_IN else ' w:customStyle="1"'
    return (
        f'<w:style w:type="character"{own} w:styleId="{identity}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="DefaultParagraphFont"/><w:rPr>{run}</w:rPr></w:style>'
    )


def _space(before: int, after: int, line: int = 264) -> str:
    return f'<w:spacing w:before="{before}" w:after="{after}" w:line="{line}" w:lineRule="auto"/>'


def _look(size: int, colour: str = "", *, bold: bool = False, italic: bool = False) -> str:
    weight = ("<w:b/>" if bold else "") + ("<w:i/>" if italic else "")
    return f'{weight}{f"<w:color w:val={chr(34)}{colour}{chr(34)}/>" if colour else ""}<w:sz w:val="{size}"/>'


def _page(document: str) -> str:
    section = (
        f'<w:sectPr><w:headerReference w:type="default" r:id="rIdHeader"/>'
        f'<w:footerReference w:type="default" r:id="rIdFooter"/><w:pgSz w:w="11906" w:h="16838"/>'
        f'<w:pgMar w:top="1361" w:right="{MARGIN}" w:bottom="1247" w:left="{MARGIN}" w:header="624" w:footer="567" '
        'w:gutter="0"/></w:sectPr>'
    )
    document = re.sub(r"<w:sectPr\b.*?</w:sectPr>|<w:sectPr\s*/>", "", document, flags=re.S)
    return document.replace("</w:body>", f"{section}</w:body>")


def _part(tag: str, paragraph: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<w:{tag} xmlns:w="{_W}" xmlns:r="{_R}">{paragraph}</w:{tag}>'


def _relation(kind: str) -> str:
    return f'<Relationship Type="{_R}/{kind}" Id="rId{kind.title()}" Target="{kind}1.xml"/>'


def _content_type(kind: str) -> str:
    form = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    return f'<Override PartName="/word/{kind}1.xml" ContentType="{form}.{kind}+xml"/>'


def _field(code: str) -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> {code} </w:instrText>'
        '</w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


_TABS = '<w:tabs><w:tab w:val="right" w:pos="9412"/></w:tabs>'
_BUILT_IN = {
    "Title",
    "Subtitle",
    "Body Text",
    "Caption",
    "Hyperlink",
    "toc 1",
    *(f"heading {level}" for level in range(1, 10)),
}
_NOTICE = (
    '<w:pBdr><w:left w:val="single" w:sz="24" w:space="6" w:color="B26A00"/></w:pBdr>'
    '<w:shd w:val="clear" w:color="auto" w:fill="FFF1D0"/>'
)
_HEADER = (
    f'<w:p><w:pPr><w:jc w:val="right"/></w:pPr><w:r><w:rPr><w:b/><w:color w:val="{PLUM}"/><w:sz w:val="17"/></w:rPr>'
    "<w:t>{running}</w:t></w:r></w:p>"
)
_FOOTER = (
    '<w:p><w:pPr><w:tabs><w:tab w:val="right" w:pos="9412"/></w:tabs><w:rPr><w:sz w:val="17"/></w:rPr></w:pPr>'
    '<w:r><w:t>{title}</w:t></w:r><w:r><w:tab/></w:r><w:r><w:t xml:space="preserve">Page </w:t></w:r>'
    + _field("PAGE")
    + '<w:r><w:t xml:space="preserve"> of </w:t></w:r>'
    + _field("NUMPAGES")
    + "</w:p>"
).replace("<w:r><w:", f'<w:r><w:rPr><w:color w:val="{SOFT}"/><w:sz w:val="17"/></w:rPr><w:')
_TABLE = (
    '<w:style w:type="table" w:default="1" w:styleId="Table"><w:name w:val="Table"/><w:basedOn w:val="TableNormal"/>'
    '<w:qFormat/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblBorders>'
    '<w:top w:val="single" w:sz="8" w:space="0" w:color="000000"/>'
    '<w:bottom w:val="single" w:sz="8" w:space="0" w:color="000000"/></w:tblBorders>'
    '<w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="57" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/>'
    '<w:right w:w="57" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    '<w:tblStylePr w:type="firstRow"><w:tcPr><w:tcBorders><w:bottom w:val="single" w:sz="4" w:space="0" '
    'w:color="7F8C99"/></w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr></w:style>'
)


if __name__ == "__main__":
    write_bytes(REFERENCE, reference_document())
