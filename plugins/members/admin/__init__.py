"""Pages of members; importing registers them."""

from . import members, sms, tagging

__all__ = ["members", "sms", "tagging"]
