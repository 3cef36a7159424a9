"""What changes the map: one transaction each."""
