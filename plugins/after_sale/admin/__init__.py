"""Pages of after-sale; importing registers them."""

from . import complaints, rules, sales

__all__ = ["complaints", "rules", "sales"]
