"""Analyses whose missing values are imputed or weighted for: who is completed, pooling, weights, shifted outcomes."""
