"""The nearly optimal test against its definition by dense matrices, exact tests, and its own promises."""
