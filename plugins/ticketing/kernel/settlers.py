"""Everybody who settles supplier calls, imported once when the app is ready: their modules register them."""

from .services import change_asking, holding, issuing, releasing

__all__ = ["change_asking", "holding", "issuing", "releasing"]
