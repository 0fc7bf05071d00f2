"""What many analyses report of one effect: the record that every estimator here gives back."""
