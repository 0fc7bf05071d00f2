"""What each vendor's file looks like: from bytes to columns of text, with the labels and missing codes they carry.

``read_file`` tells which layout a file has; one module reads each layout into a `Delivered`; ``header`` finds the
variable of each column; ``translate`` turns the vendor's codes into the dictionary's and counts what it did.
"""
