"""Writes of ordering: each function is one transaction, or runs in its caller's."""
