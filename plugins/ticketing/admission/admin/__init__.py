"""Pages of admission."""

from ..vouchers import admin as vouchers

__all__ = ["vouchers"]
