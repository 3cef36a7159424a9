"""Pages of admission."""

from . import fairness, maps, places, products, sessions, stock

__all__ = ["fairness", "maps", "places", "products", "sessions", "stock"]
