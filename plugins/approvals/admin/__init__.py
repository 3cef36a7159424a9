"""Pages of approvals; importing registers them."""

from . import matrix, requests, routes

__all__ = ["matrix", "requests", "routes"]
