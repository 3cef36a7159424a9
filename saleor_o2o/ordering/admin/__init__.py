"""The back office pages of ordering; importing registers them."""

from . import desk, parts, rules

__all__ = ["desk", "parts", "rules"]
