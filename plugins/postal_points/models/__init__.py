"""Rules, businesses, and the files that bring them."""

from .batches import PostalBatch
from .businesses import PostalBusiness
from .imports import PostalImport
from .rules import PostalRule

__all__ = ["PostalBatch", "PostalBusiness", "PostalImport", "PostalRule"]
