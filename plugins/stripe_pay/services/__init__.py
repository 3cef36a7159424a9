"""What is done with charges; one file per matter."""
