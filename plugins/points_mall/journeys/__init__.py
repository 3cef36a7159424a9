"""Journeys of the mall of points."""
