"""Outcome analysis of studies in which few clusters carry the evidence.

Folders are named in the order in which data pass through them; ``lmm`` is the
mixed-model engine and stands alone.
"""

__version__ = "0.1.0"
