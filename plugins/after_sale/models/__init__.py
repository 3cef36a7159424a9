"""Rows of after-sale."""

from .after_sale import AfterSale, AfterSaleLine
from .complaint import Complaint, Statement
from .picture import Picture
from .replacement import Replacement
from .rules import ClockRule

__all__ = ["AfterSale", "AfterSaleLine", "ClockRule", "Complaint", "Picture", "Replacement", "Statement"]
