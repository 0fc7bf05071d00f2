"""What practitioners said in focus groups, and what stood in the way."""
