"""Pages of admission."""

from ..vouchers import admin as vouchers
from . import fairness, maps, places, products, sessions, stock

__all__ = ["fairness", "maps", "places", "products", "sessions", "stock", "vouchers"]
