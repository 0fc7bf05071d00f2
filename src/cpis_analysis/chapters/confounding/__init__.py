"""Confounding in the annex: how alike the arms are, what could explain a difference away, negative controls."""
