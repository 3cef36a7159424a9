"""The declaration of the plugin ``ticketing``."""

from saleor_o2o.plugin import Beat, Menu, Page, Plugin

_HERE = "plugins.ticketing.kernel"
_PAGE = "admin:o2o_ticketing_feerule"
_DISTRIBUTION = "plugins.ticketing.distribution"

plugin = Plugin(
    name="ticketing",
    title="票务",
    app=_HERE,
    apps=("plugins.ticketing.admission", "plugins.ticketing.distribution"),
    requires=("org_hierarchy", "members", "ordering", "cashier", "counter_sales", "after_sale", "backoffice"),
    hooks="plugins.ticketing.hooks",
    receivers=f"{_HERE}.receivers",
    seeds=(f"{_HERE}.seeds.seed", f"{_DISTRIBUTION}.seeds.seed"),
    todo=(f"{_HERE}.todo.todo", f"{_DISTRIBUTION}.todo.todo"),
    menus=(
        Menu(
            "票务",
            (
                Page("退改规则", "confirmation_number", f"{_PAGE}_changelist", "ticket_fee.view"),
                Page(
                    "上游通知",
                    "sync",
                    "admin:o2o_distribution_suppliernotice_changelist",
                    "distribution.view",
                ),
                Page(
                    "上游订单",
                    "compare_arrows",
                    "admin:o2o_distribution_upstreamstanding_changelist",
                    "distribution.view",
                ),
                Page("退改试算", "calculate", f"{_PAGE}_try_any", "ticket_fee.try"),
            ),
        ),
    ),
    beat={
        "ticketing.forget-quotes": Beat(f"{_HERE}.tasks.forget_quotes", 3600),
        "distribution.notices": Beat(f"{_DISTRIBUTION}.tasks.work_notices", 30),
        "distribution.poll": Beat(f"{_DISTRIBUTION}.tasks.poll_upstream", 300),
        "distribution.sync": Beat(f"{_DISTRIBUTION}.tasks.sync_upstream", 6 * 3600),
        "ticketing.expire-holds": Beat(f"{_HERE}.tasks.expire_holds", 15),
        "ticketing.sweep-calls": Beat(f"{_HERE}.tasks.sweep_calls", 30),
        "ticketing.follow-refunds": Beat(f"{_HERE}.tasks.follow_refunds", 60),
        "ticketing.run-refund-batches": Beat(f"{_HERE}.tasks.run_refund_batches", 60),
    },
)
