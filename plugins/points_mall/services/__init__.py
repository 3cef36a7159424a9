"""Writes of the mall of points."""
