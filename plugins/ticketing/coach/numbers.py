"""Numbers of coach tickets."""

from __future__ import annotations

from saleor_o2o.kernel.numbering import number_kind

BLOCK = number_kind("coach_block", "LZ")
INVOICE = number_kind("coach_invoice", "QF")
