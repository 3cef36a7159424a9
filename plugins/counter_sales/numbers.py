"""Numbers of the counter's papers."""

from __future__ import annotations

from saleor_o2o.kernel.numbering import number_kind

SALE = number_kind("counter_sale", "DK")
RECEIPT = number_kind("cash_receipt", "XJ")
GIVEN_BACK = number_kind("cash_refund", "XT")
MOVEMENT = number_kind("float_movement", "BF")
ADJUSTMENT = number_kind("float_adjustment", "BT")
