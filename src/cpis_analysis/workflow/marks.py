"""The words by which the log of a step is read again, once it has ended."""

STOPPED = "The step stopped."
NOTE = "To be noticed: "
