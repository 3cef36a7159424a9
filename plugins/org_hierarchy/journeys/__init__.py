"""Journeys of the organisation."""
