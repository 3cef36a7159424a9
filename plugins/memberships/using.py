"""What was used of a term."""

from __future__ import annotations

from .models import Term


def used_since(term: Term) -> str:
    """The name of a benefit that was used since a term began; "" where none was, or it has not begun."""
    return ""
