"""Journeys of dispatch."""
