"""Writes of the counter: one transaction each, unless a payment provider must be asked in between."""
