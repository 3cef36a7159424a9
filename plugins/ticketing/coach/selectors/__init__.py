"""Reads of coach tickets."""
