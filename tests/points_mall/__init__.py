"""The mall of points."""
