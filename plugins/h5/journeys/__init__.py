"""Journeys of the pages."""
