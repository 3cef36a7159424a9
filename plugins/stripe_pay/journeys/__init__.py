"""Journeys of paying by card."""
