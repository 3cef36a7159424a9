"""Journeys of members."""
