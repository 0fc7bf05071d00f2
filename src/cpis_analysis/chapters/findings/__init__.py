"""The key findings, drawn from the other chapters."""
