"""Pages of login security; importing registers them."""

from . import logins

__all__ = ["logins"]
