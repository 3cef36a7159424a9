"""Pages of the organisation; importing registers them."""

from . import moves, posts, roles, staff, units

__all__ = ["moves", "posts", "roles", "staff", "units"]
