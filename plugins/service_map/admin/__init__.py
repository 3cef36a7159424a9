"""The map's pages in the back office."""

from . import areas, batches, communities, heat, pins, places

__all__ = ["areas", "batches", "communities", "heat", "pins", "places"]
