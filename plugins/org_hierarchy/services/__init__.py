"""Writes of the organisation: one transaction each."""
