"""Identifiers: what is derived from them, and the proof that none of them goes any further."""
