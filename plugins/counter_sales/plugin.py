"""The declaration of the plugin ``counter_sales``."""

from saleor_o2o.plugin import Beat, Plugin

_HERE = "plugins.counter_sales"
_ADMIN = "admin:o2o_counter_sales"

plugin = Plugin(
    name="counter_sales",
    title="代客下单",
    app=_HERE,
    requires=("org_hierarchy", "channels", "ordering", "cashier", "backoffice"),
    receivers=f"{_HERE}.receivers",
    health=(f"{_HERE}.checking.floats_add_up",),
    todo=(f"{_HERE}.todo.todo",),
    seeds=(f"{_HERE}.seeds.seed",),
    beat={
        "counter_sales.cancel-abandoned": Beat(f"{_HERE}.tasks.cancel_abandoned", 60),
        "counter_sales.refresh-names": Beat(f"{_HERE}.tasks.refresh_names", 60),
        "counter_sales.check-floats": Beat(f"{_HERE}.tasks.check_floats", 3600),
    },
)
