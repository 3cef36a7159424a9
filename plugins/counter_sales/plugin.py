"""The declaration of the plugin ``counter_sales``."""

from saleor_o2o.plugin import Plugin

plugin = Plugin(
    name="counter_sales",
    title="代客下单",
    app="plugins.counter_sales",
    requires=("org_hierarchy", "channels", "ordering", "cashier"),
)
