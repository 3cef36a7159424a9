"""Distribution's part of the declaration of ``ticketing``; read before Django is set up, so data only."""

from __future__ import annotations

from saleor_o2o.plugin import Beat, Page

_HERE = "plugins.ticketing.distribution"
_PAGE = "admin:o2o_distribution"

APPS = (_HERE,)
SEEDS = (f"{_HERE}.seeds.seed",)
WAITING = (f"{_HERE}.todo.todo",)
PAGES = (
    Page("上游通知", "sync", f"{_PAGE}_suppliernotice_changelist", "distribution.view"),
    Page("上游订单", "compare_arrows", f"{_PAGE}_upstreamstanding_changelist", "distribution.view"),
)
BEAT = {
    "distribution.notices": Beat(f"{_HERE}.tasks.work_notices", 30),
    "distribution.poll": Beat(f"{_HERE}.tasks.poll_upstream", 300),
    "distribution.forget": Beat(f"{_HERE}.tasks.forget_refused", 86400),
    "distribution.sync": Beat(f"{_HERE}.tasks.sync_upstream", 6 * 3600),
}
