"""Pages of the official account."""

from . import accounts, fans, materials, menus, pushes, replies, scenes, sendings, tags, talks

__all__ = [
    "accounts",
    "fans",
    "materials",
    "menus",
    "pushes",
    "replies",
    "scenes",
    "sendings",
    "tags",
    "talks",
]
