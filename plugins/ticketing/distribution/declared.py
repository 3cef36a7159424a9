"""Distribution's part of the declaration of ``ticketing``; read before Django is set up, so data only."""

from __future__ import annotations

from saleor_o2o.plugin import Beat, Page

_HERE = "plugins.ticketing.distribution"
_PAGE = "admin:o2o_distribution"

APPS = (_HERE,)
SEEDS = (f"{_HERE}.seeds.seed",)
WAITING = (f"{_HERE}.todo.todo",)
PAGES = (Page("上游订单", "compare_arrows", f"{_PAGE}_upstreamstanding_changelist", "distribution.view"),)
BEAT = {
    "distribution.poll": Beat(f"{_HERE}.tasks.poll_upstream", 300),
    "distribution.sync": Beat(f"{_HERE}.tasks.sync_upstream", 6 * 3600),
}
