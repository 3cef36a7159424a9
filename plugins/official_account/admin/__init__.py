"""Pages of the official account."""

from . import accounts, fans, menus, pushes, replies, scenes

__all__ = ["accounts", "fans", "menus", "pushes", "replies", "scenes"]
