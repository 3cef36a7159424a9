"""Pages of floats."""
