"""Numbers of resale."""

from __future__ import annotations

from saleor_o2o.kernel.numbering import number_kind

ORDER = number_kind("resale_order", "FX")
TOP_UP = number_kind("resale_top_up", "FC")
NOTICE = number_kind("resale_notice", "FT")
