"""Numbers of memberships."""

from __future__ import annotations

from saleor_o2o.kernel.numbering import number_kind

MEMBERSHIP = number_kind("membership", "HY")
CARD = number_kind("membership_card", "YK")
BATCH = number_kind("membership_card_batch", "YP")
HANDOUT = number_kind("membership_card_handout", "YD")
QUOTE = number_kind("membership_quote", "HQ")
SHEET = number_kind("membership_settlement", "HJ")
