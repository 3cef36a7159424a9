"""Numbers of the counter's papers."""

from __future__ import annotations

from saleor_o2o.kernel.numbering import number_kind

SALE = number_kind("counter_sale", "DK")
RECEIPT = number_kind("cash_receipt", "XJ")
GIVEN_BACK = number_kind("cash_refund", "XT")
POS_TAKEN = number_kind("pos_receipt", "PS")
POS_BACK = number_kind("pos_refund", "PT")
REMITTANCE = number_kind("remittance", "JK")
REFUND_REQUEST = number_kind("counter_refund_request", "TQ")
SHIFT = number_kind("counter_shift", "BC")
MOVEMENT = number_kind("float_movement", "BF")
ADJUSTMENT = number_kind("float_adjustment", "BT")
