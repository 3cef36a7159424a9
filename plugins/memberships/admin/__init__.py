"""Pages of memberships."""

from . import memberships, plans

__all__ = ["memberships", "plans"]
