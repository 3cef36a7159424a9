"""Numbers of ticketing."""

from __future__ import annotations

from saleor_o2o.kernel.numbering import number_kind

# a crowd holds tickets at the same moment
TICKET_ORDER = number_kind("ticket_order", "PW", block=20)
TICKET = number_kind("ticket", "P", width=9, block=40)
CALL = number_kind("ticket_call", "GY")
REFUND = number_kind("ticket_refund", "TP")
CHANGE = number_kind("ticket_change", "GQ")
INSURANCE = number_kind("ticket_insurance", "BX")
BATCH = number_kind("ticket_refund_batch", "TB")
