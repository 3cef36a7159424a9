"""Writes of login security."""
