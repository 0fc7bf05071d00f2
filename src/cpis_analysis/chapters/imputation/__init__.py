"""Analyses whose missing values were imputed: whom, how much was missing, how far the draws may be trusted."""
