"""The participant flow."""
