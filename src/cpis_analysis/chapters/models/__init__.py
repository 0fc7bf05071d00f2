"""Specifications and diagnostics of the fitted models."""
