"""Numbers of member operations' papers."""

from __future__ import annotations

from saleor_o2o.kernel.numbering import number_kind

CAMPAIGN = number_kind("member_campaign", "YX")
EXPORT = number_kind("member_export", "DC")
