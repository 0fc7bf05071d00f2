"""Residuals of models that are no linear ones: ranks of what was observed among what the model gives."""
