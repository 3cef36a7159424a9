"""Offers, swaps and exchanges."""

from .exchange import Exchange
from .offer import MallOffer
from .swap import CouponSwap

__all__ = ["CouponSwap", "Exchange", "MallOffer"]
