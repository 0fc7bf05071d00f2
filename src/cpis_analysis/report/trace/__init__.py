"""Where each printed number comes from."""
