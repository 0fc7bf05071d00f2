"""What is wrong or remarkable in a plan before any data are read."""
