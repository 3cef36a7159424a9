"""Everybody who settles supplier calls, imported once when the app is ready: their modules register them."""

from .services import holding, issuing, releasing

__all__ = ["holding", "issuing", "releasing"]
