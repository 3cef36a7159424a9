"""Pages of the official account."""

from . import accounts, days, fans, materials, menus, pushes, replies, scenes, sendings, tags, talks

__all__ = [
    "accounts",
    "days",
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
