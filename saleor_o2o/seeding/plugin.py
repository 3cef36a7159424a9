"""The declaration of the core part seeding."""

from saleor_o2o.plugin import Plugin

plugin = Plugin(name="seeding", title="示例城市", app="saleor_o2o.seeding")
