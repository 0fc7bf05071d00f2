"""Figures drawn in points: a canvas, panels with scales on it, and letters as outlines."""
