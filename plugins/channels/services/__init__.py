"""What is done to channels; one transaction each."""
