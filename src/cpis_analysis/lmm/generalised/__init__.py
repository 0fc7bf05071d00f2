"""Generalised linear mixed models: answers, ordered answers and counts in few clusters."""
