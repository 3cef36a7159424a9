"""Numbers of memberships."""

from __future__ import annotations

from saleor_o2o.kernel.numbering import number_kind

MEMBERSHIP = number_kind("membership", "HY")
QUOTE = number_kind("membership_quote", "HQ")
