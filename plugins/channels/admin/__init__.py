"""The back office pages of channels; importing registers them."""

from . import channels, customers, goods, stock, training

__all__ = ["channels", "customers", "goods", "stock", "training"]
