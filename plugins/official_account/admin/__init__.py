"""Pages of the official account."""

from . import accounts, fans, menus, pushes, replies, scenes, sendings

__all__ = ["accounts", "fans", "menus", "pushes", "replies", "scenes", "sendings"]
