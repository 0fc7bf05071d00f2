"""Formulas of models, read without running code, and which effects they contain."""
