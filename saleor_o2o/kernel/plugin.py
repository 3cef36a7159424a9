"""The declaration of the core part kernel."""

from saleor_o2o.plugin import Plugin

plugin = Plugin(name="kernel", title="内核", app="saleor_o2o.kernel")
