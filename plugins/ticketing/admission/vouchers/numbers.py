"""Numbers of vouchers and of what is settled by them."""

from __future__ import annotations

from saleor_o2o.kernel.numbering import number_kind

VOUCHER = number_kind("ticket_voucher", "PZ", width=9)
SHEET = number_kind("ticket_settlement", "JS")
