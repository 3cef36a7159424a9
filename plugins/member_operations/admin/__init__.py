"""Pages of member operations."""

from . import campaigns, exports, messages, rules, segments, surveys

__all__ = ["campaigns", "exports", "messages", "rules", "segments", "surveys"]
