"""What changes plans: one transaction each."""
