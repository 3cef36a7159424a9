"""Journeys of after-sale."""
