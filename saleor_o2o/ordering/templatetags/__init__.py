"""Template tags of ordering."""
