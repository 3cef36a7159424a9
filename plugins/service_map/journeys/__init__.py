"""Journeys of the map."""
