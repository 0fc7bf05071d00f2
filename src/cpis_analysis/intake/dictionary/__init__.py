"""What each variable is: the dictionary, its conditions, and the columns that it expects."""
