"""The declaration of the core part backoffice."""

from saleor_o2o.plugin import Plugin

plugin = Plugin(
    name="backoffice",
    title="管理后台",
    app="saleor_o2o.backoffice",
    requires=("kernel", "cashier"),
    todo=("saleor_o2o.backoffice.payment_todo.todo",),
)
