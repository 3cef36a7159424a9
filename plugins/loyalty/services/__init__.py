"""Writes of loyalty, one transaction each."""
