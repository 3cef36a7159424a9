"""The declaration of the core part ``cashier``."""

from saleor_o2o.plugin import Beat, Plugin

_TASKS = "saleor_o2o.cashier.tasks"

plugin = Plugin(
    name="cashier",
    title="收银台",
    app="saleor_o2o.cashier",
    requires=("kernel",),
    queries=("saleor_o2o.cashier.graphql.CashierQueries",),
    mutations=("saleor_o2o.cashier.graphql.CashierMutations",),
    tenders=("saleor_o2o.cashier.internal.CARD", "saleor_o2o.cashier.internal.TRANSFER"),
    receivers="saleor_o2o.cashier.receivers",
    beat={
        "cashier.expire-payments": Beat(f"{_TASKS}.expire_payments", 10),
        "cashier.query-silent-payments": Beat(f"{_TASKS}.query_silent_payments", 15),
        "cashier.drive-refunds": Beat(f"{_TASKS}.drive_refunds", 15),
        "cashier.process-notifications": Beat(f"{_TASKS}.process_notifications", 15),
        "cashier.find-orphans": Beat(f"{_TASKS}.find_orphans", 300),
    },
)
