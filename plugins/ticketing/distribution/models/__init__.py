"""Rows of distribution."""

from .upstream import SupplierNotice, UpstreamStanding

__all__ = ["SupplierNotice", "UpstreamStanding"]
