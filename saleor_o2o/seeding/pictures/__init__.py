"""Pictures drawn from kinds and colours: no photograph, no font file, the same bytes every time."""

from .scenes import banner, produce_picture

__all__ = ["banner", "produce_picture"]
