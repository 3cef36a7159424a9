"""Numbers of loyalty's papers."""

from __future__ import annotations

from saleor_o2o.kernel.numbering import number_kind

BURN = number_kind("points_burn", "JF")
CONSENT = number_kind("loyalty_consent", "QR")
ADJUSTMENT = number_kind("loyalty_adjustment", "JT")
