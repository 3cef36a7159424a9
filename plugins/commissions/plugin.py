"""The declaration of the plugin ``commissions``."""

from saleor_o2o.plugin import Plugin

plugin = Plugin(
    name="commissions",
    title="佣金方案",
    app="plugins.commissions",
    requires=("org_hierarchy", "channels"),
)
