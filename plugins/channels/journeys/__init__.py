"""Journeys of the channels."""
