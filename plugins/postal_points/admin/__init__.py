"""Pages of postal points."""

from . import batches, businesses, rules

__all__ = ["batches", "businesses", "rules"]
