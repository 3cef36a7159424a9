"""Journeys of loyalty."""
