"""All analyses of all outcomes beside each other."""
