"""What is written: rules under dual control, quotes."""
