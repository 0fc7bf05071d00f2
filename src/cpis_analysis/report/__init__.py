"""The findings report: what is known about the run -> one self-contained page."""
