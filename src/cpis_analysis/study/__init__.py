"""The analysis data set, populations, descriptions, and the design audit."""
