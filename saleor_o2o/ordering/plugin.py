"""The declaration of the core part ``ordering``."""

from saleor_o2o.plugin import Beat, JourneySpec, Plugin

plugin = Plugin(
    name="ordering",
    title="订单",
    app="saleor_o2o.ordering",
    requires=("kernel", "cashier"),
    saleor_plugins=("saleor_o2o.ordering.saleor_plugin.SubOrdersPlugin",),
    receivers="saleor_o2o.ordering.receivers",
    queries=(
        "saleor_o2o.ordering.graphql.OrderingQueries",
        "saleor_o2o.ordering.graphql.BasketQueries",
        "saleor_o2o.ordering.graphql.DeductionQueries",
    ),
    mutations=("saleor_o2o.ordering.graphql.OrderingMutations",),
    seeds=("saleor_o2o.ordering.seeds.seed",),
    journeys={
        "orders-split": JourneySpec(
            "saleor_o2o.ordering.journeys.split.play",
            "一单两个销售方加自提：拆单、分批发货、确认收货、到期完成、时间线",
        ),
    },
    beat={
        "ordering.recover-placements": Beat("saleor_o2o.ordering.tasks.recover_placements", 60),
        "ordering.find-twins": Beat("saleor_o2o.ordering.tasks.find_twins", 60),
        "ordering.receive-due": Beat("saleor_o2o.ordering.tasks.receive_due", 300),
        "ordering.complete-due": Beat("saleor_o2o.ordering.tasks.complete_due", 300),
    },
)
