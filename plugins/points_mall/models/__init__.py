"""Offers and exchanges."""

from .exchange import Exchange
from .offer import MallOffer

__all__ = ["Exchange", "MallOffer"]
