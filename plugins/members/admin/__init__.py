"""Pages of members; importing registers them."""

from . import members, sms

__all__ = ["members", "sms"]
