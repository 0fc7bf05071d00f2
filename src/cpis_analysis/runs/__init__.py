"""Runs after the fact: what one holds, how two differ, what a lock or an archive keeps."""
