"""Everybody who settles supplier calls, imported once when the app is ready: their modules register them."""

from .services import change_outcomes, holding, issuing, releasing

__all__ = ["change_outcomes", "holding", "issuing", "releasing"]
