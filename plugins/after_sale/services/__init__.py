"""What is written, a transaction each."""
