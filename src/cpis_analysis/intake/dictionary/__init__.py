"""What each variable is: the dictionary, its conditions, codes, codebook and drafts."""
