"""Pages of member operations."""

from . import campaigns, messages, rules, segments

__all__ = ["campaigns", "messages", "rules", "segments"]
