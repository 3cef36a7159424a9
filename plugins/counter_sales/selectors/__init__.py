"""Reads of the counter."""
