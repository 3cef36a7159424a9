"""The declaration of the plugin ``channels``."""

from saleor_o2o.plugin import Plugin

plugin = Plugin(
    name="channels",
    title="渠道",
    app="plugins.channels",
    requires=("org_hierarchy", "approvals"),
)
