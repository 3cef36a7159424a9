"""The declaration of the plugin ``channels``."""

from saleor_o2o.plugin import Plugin

plugin = Plugin(
    name="channels",
    title="渠道",
    app="plugins.channels",
    requires=("org_hierarchy", "approvals"),
    queries=("plugins.channels.graphql.ChannelQueries",),
    mutations=("plugins.channels.graphql.ChannelMutations",),
    saleor_plugins=("plugins.channels.saleor_plugin.ShopPricesPlugin",),
    receivers="plugins.channels.receivers",
)
