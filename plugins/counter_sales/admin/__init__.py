"""Pages of the counter; importing registers them."""

from . import floats, sales

__all__ = ["floats", "sales"]
