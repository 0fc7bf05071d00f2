"""Exact fits: the search for the optimum, inference for few clusters, and what is asked of one fit."""
