"""Pages of distribution."""

from .upstream import SupplierNoticeAdmin, UpstreamStandingAdmin

__all__ = ["SupplierNoticeAdmin", "UpstreamStandingAdmin"]
