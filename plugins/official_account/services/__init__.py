"""What changes the official account's rows: one function, one transaction."""
