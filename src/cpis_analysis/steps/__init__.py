"""One module a rule of the workflow: read, call, write. No statistics."""
