"""The declaration of the plugin ``org_hierarchy``."""

from saleor_o2o.plugin import Plugin

plugin = Plugin(
    name="org_hierarchy",
    title="机构与权限",
    app="plugins.org_hierarchy",
    requires=("kernel", "cashier", "backoffice"),
    auth_backends=("plugins.org_hierarchy.access.backend.OrgBackend",),
    on_order_written=("plugins.org_hierarchy.attribution.attribute",),
)
