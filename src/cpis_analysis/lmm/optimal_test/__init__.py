"""A test of one contrast that holds its size for every variance ratio and is nearly optimal."""
