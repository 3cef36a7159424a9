"""The declaration of the core part ``ordering``."""

from saleor_o2o.plugin import Beat, Plugin

plugin = Plugin(
    name="ordering",
    title="订单",
    app="saleor_o2o.ordering",
    requires=("kernel", "cashier"),
    saleor_plugins=("saleor_o2o.ordering.saleor_plugin.SubOrdersPlugin",),
    receivers="saleor_o2o.ordering.receivers",
    mutations=("saleor_o2o.ordering.graphql.OrderingMutations",),
    beat={"ordering.recover-placements": Beat("saleor_o2o.ordering.tasks.recover_placements", 60)},
)
