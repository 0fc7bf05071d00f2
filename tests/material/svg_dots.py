"""A drawing in SVG as dots, by Typst, to hold against what this package draws by itself."""

import io

import numpy as np
import typst
from matplotlib.image import imread

from cpis_analysis.publish.forms.pdf import RESOLUTION
from cpis_analysis.publish.typeface import shipped_fonts


def svg_dots(svg: str) -> bytes:
    """PNG of the drawing's own size."""
    source = (
        f'#set page(width: auto, height: auto, margin: 0pt, fill: white)\n#image(bytes({_quoted(svg)}), format: "svg")'
    )
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(shipped_fonts())])
    made = typst.Compiler(source.encode(), font_paths=fonts).compile(format="png", ppi=float(RESOLUTION))
    return bytes(made)


def grey(png):
    """A picture as grey means of squares of its dots, 60 in a row."""
    dots = imread(io.BytesIO(png))[..., :3].mean(axis=2)
    rows, columns = max(60 * dots.shape[0] // dots.shape[1], 1), 60
    at = [np.linspace(0, size, parts + 1).astype(int) for size, parts in zip(dots.shape, (rows, columns), strict=True)]
    return np.add.reduceat(np.add.reduceat(dots, at[0][:-1], 0), at[1][:-1], 1) / np.outer(
        np.diff(at[0]), np.diff(at[1])
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
