"""The declaration of the core part ordering."""

from saleor_o2o.plugin import Plugin

plugin = Plugin(name="ordering", title="下单", app="saleor_o2o.ordering")
