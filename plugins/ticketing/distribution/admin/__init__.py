"""Pages of distribution."""

from .upstream import UpstreamStandingAdmin

__all__ = ["UpstreamStandingAdmin"]
