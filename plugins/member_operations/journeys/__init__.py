"""Journeys of member operations."""
