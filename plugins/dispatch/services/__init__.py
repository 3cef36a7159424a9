"""What changes a task, one transaction each."""
