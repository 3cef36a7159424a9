"""Pages of the organisation; importing registers them."""

from . import moves, roles, staff, units

__all__ = ["moves", "roles", "staff", "units"]
