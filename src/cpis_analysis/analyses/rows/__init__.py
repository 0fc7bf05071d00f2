"""The rows of an analysis, the term that answers its question, and whether they can tell it."""
