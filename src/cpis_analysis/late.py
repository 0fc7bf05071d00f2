"""Functions that a registry or a description names by module, loaded when they are first used.

A step that shows tables then loads no figures, and depends on none: `provenance.module_sources` reads which field of a
registry `late_functions` or `late_choice` is asked for, and follows the modules that the registry names there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any


def late_function(name: str, package: str) -> Callable[..., Any]:
    """The function that ``.module:function`` names, the module within `package`; without a dot in front, anywhere."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module, package), function)
    return found


def late_functions(registry: Iterable[Any], field: str, package: str) -> Iterator[Callable[..., Any]]:
    """What every entry of a registry names in a field, in order, each loaded when its turn comes.

    Parameters
    ----------
    registry : iterable
        Entries whose `field` holds a name, or several, as `late_function` takes them. To be given by the name under
        which it was imported, so that it can be followed by reading.
    field : str
        Written out, for the same reason.
    package : str
        Where the names start: written out, or ``__package__``.
    """
    for entry in registry:
        names = getattr(entry, field)
        for name in [names] if isinstance(names, str) else names:
            if name:
                yield late_function(name, package)


def late_choice(registry: Iterable[Any], field: str, package: str, entry: str) -> Callable[..., Any]:
    """What one entry of a registry, by its ``name``, names in a field; else as `late_functions`."""
    return late_function(next(getattr(one, field) for one in registry if one.name == entry), package)
