"""How the engine's objects show themselves: short, and without a number that belongs to a row of the data."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import fields, is_dataclass

import numpy as np


class ShortRepr:
    """A dataclass that shows its fields, and of arrays and collections only what they are.

    The generated `repr` of a dataclass prints its arrays: outcomes and labels of people would stand in logs,
    notebooks and tracebacks.
    """

    def __repr__(self) -> str:
        shown = ", ".join(f"{name.name}={_shown(getattr(self, name.name))}" for name in fields(self) if name.repr)  # type: ignore[arg-type]
        return f"{type(self).__name__}({shown})"


def _shown(value: object) -> str:
    if value is None or isinstance(value, str | bool | int | float | np.number):
        return repr(value)
    if isinstance(value, np.ndarray):
        return f"<{value.dtype} {' x '.join(map(str, value.shape))}>"
    if is_dataclass(value):
        return f"<{type(value).__name__}>"
    if isinstance(value, Sized):
        return f"<{type(value).__name__} of {len(value)}>"
    return f"<{type(value).__name__}>"
