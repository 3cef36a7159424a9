"""Numbers of postal points' papers."""

from __future__ import annotations

from saleor_o2o.kernel.numbering import number_kind

BATCH = number_kind("postal_batch", "YW")
