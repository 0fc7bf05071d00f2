"""The rules of cleaning, one file each."""
