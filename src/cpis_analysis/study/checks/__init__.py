"""A plan against the dictionary and the raw files, before anything is cleaned."""
