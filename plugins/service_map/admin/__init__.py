"""The map's pages in the back office."""

from . import areas, batches, calendar, communities, heat, pins, places

__all__ = ["areas", "batches", "calendar", "communities", "heat", "pins", "places"]
