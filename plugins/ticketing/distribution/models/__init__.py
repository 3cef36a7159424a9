"""Rows of distribution."""

from .upstream import UpstreamStanding

__all__ = ["UpstreamStanding"]
