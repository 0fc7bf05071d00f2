"""The commands of `cpis`, one module each: read, call, print. No statistics."""
