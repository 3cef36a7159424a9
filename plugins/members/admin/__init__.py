"""Pages of members; importing registers them."""

from . import members, sms, tagging, vehicles

__all__ = ["members", "sms", "tagging", "vehicles"]
