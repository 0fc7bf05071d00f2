"""How strong something that nobody measured would have to be: E-values, of numbers alone."""
