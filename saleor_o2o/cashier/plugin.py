"""The declaration of the core part cashier."""

from saleor_o2o.plugin import Plugin

plugin = Plugin(name="cashier", title="收银台", app="saleor_o2o.cashier")
