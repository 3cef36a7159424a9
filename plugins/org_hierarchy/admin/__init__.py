"""Pages of the organisation; importing registers them."""

from . import moves, units

__all__ = ["moves", "units"]
