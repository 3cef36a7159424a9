"""The work of postal points."""
