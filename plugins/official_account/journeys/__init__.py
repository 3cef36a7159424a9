"""Journeys of the official account."""
