"""Units in and out of Excel files."""
