"""One outcome, one effect, several methods side by side."""
