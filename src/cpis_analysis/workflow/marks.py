"""The words by which the log of a step is read again, once it has ended."""

__all__ = ["NOTE", "STOPPED"]

STOPPED = "The step stopped."
NOTE = "To be noticed: "
