"""Questions on a terminal, each with a proposal and its reason."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.errors import did_you_mean

_NONE = "none"
_MOST_SHOWN = 30


class Questions:
    """Asks until the answer can be used; an empty answer takes the proposal.

    Parameters
    ----------
    terminal : Terminal
    """

    answers = True

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    def one(self, question: str, proposed: str, reason: str, allowed: Sequence[str], empty: str = "") -> str:
        """One of some answers; the word `empty` stands for none of them."""
        self._introduce(question, reason, [*allowed, *([empty] if empty else [])])
        while True:
            said = typer.prompt(">", default=proposed or empty or None, prompt_suffix=" ").strip()
            if empty and said.casefold() == empty:
                return ""
            found = self._known(said, allowed)
            if found:
                return found

    def several(self, question: str, proposed: Sequence[str], reason: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """Some of them, with commas between."""
        self._introduce(question, reason, [*allowed, _NONE])
        while True:
            said = typer.prompt(
                "> (with commas between)", default=", ".join(proposed) or _NONE, prompt_suffix=" "
            ).strip()
            if said.casefold() == _NONE:
                return ()
            parts = [said] if said in allowed else [part.strip() for part in said.split(",") if part.strip()]
            found = [self._known(part, allowed) for part in parts]
            if all(found):
                return tuple(dict.fromkeys(name for name in found if name))

    def yes(self, question: str, proposed: bool, reason: str) -> bool:
        """Yes or no."""
        self.terminal.heading(question)
        self.terminal.line(f"  {reason}", style="dim")
        return typer.confirm(">", default=proposed, prompt_suffix=" ")

    def word(self, question: str, proposed: str, reason: str) -> str:
        """A word, or words."""
        self.terminal.heading(question)
        self.terminal.line(f"  {reason}", style="dim")
        return " ".join(typer.prompt(">", default=proposed, prompt_suffix=" ").split())

    def _introduce(self, question: str, reason: str, allowed: Sequence[str]) -> None:
        self.terminal.heading(question)
        self.terminal.line(f"  {reason}", style="dim")
        more = " ..." if len(allowed) > _MOST_SHOWN else ""
        self.terminal.line(f"  one of: {', '.join(allowed[:_MOST_SHOWN])}{more}", style="dim")

    def _known(self, said: str, allowed: Sequence[str]) -> str | None:
        if said in allowed:
            return said
        alike = [name for name in allowed if name.casefold() == said.casefold()]
        if len(alike) == 1:
            return alike[0]
        hint = did_you_mean(said, allowed)
        self.terminal.warning(f"'{said}' is none of them" + (f"; {hint}" if hint else ""))
        return None
