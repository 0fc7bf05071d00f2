"""Disclosure control: which counts and curves would tell about single people, and what is shown instead."""
