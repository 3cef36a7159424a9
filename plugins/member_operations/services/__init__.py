"""Writes of member operations, one transaction each."""
