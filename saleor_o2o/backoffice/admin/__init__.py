"""The pages of the back office; importing registers them."""

from . import cashier, goods, kernel, orders, people
from .base import ReadOnlyAdmin, ScopedAdmin

__all__ = ["ReadOnlyAdmin", "ScopedAdmin", "cashier", "goods", "kernel", "orders", "people"]
