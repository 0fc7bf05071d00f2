"""Drawings that fill any width: marks, what is made of them, and their writers for page and paper."""
