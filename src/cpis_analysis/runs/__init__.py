"""Runs: what outputs were made from, who is at work, what a run holds, how two differ, what a lock or archive keeps."""
