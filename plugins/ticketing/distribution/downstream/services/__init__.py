"""What is done with resellers."""
