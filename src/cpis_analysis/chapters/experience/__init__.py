"""What people said of the support they had."""
