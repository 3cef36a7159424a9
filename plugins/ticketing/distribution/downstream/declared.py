"""The part of resellers in the declaration of ``ticketing``; read before Django is set up, so data only."""

from __future__ import annotations

from saleor_o2o.plugin import Beat, JourneySpec, Page

_HERE = "plugins.ticketing.distribution.downstream"
_PAGE = "admin:o2o_resale"

APPS = (_HERE,)
SEEDS = (f"{_HERE}.seeds.seed",)
WAITING = (f"{_HERE}.todo.todo",)
TENDERS = (f"{_HERE}.tenders.DEPOSIT",)
PAGES = (
    Page("分销商", "handshake", f"{_PAGE}_reseller_changelist", "reseller.view"),
    Page("渠道价", "sell", f"{_PAGE}_resellerprice_changelist", "reseller.view"),
    Page("分销订单", "receipt_long", f"{_PAGE}_resellerorder_changelist", "reseller.view"),
    Page("分销商充值", "savings", f"{_PAGE}_topup_changelist", "reseller.view"),
    Page("预存款明细", "account_balance_wallet", f"{_PAGE}_resellerentry_changelist", "reseller.view"),
    Page("渠道通知", "outbox", f"{_PAGE}_resellernotice_changelist", "reseller.view"),
)
BEAT = {
    "resale.drive-orders": Beat(f"{_HERE}.tasks.drive_orders", 30),
    "resale.tell-orders": Beat(f"{_HERE}.tasks.tell_orders", 10),
    "resale.tell-products": Beat(f"{_HERE}.tasks.tell_products", 300),
}
JOURNEYS = {
    "channel-sale": JourneySpec(
        f"{_HERE}.journeys.channel_sale.play",
        "旅行社按渠道价买门票：开户充值、接口下单、通知、核销、退票、对账",
    ),
}
