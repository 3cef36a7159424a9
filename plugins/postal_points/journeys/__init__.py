"""Journeys of postal points."""
