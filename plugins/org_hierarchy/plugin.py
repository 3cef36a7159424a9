"""The declaration of the plugin ``org_hierarchy``."""

from saleor_o2o.plugin import Beat, Plugin

plugin = Plugin(
    name="org_hierarchy",
    title="机构与权限",
    app="plugins.org_hierarchy",
    requires=("kernel", "cashier", "backoffice"),
    auth_backends=("plugins.org_hierarchy.access.backend.OrgBackend",),
    seeds=("plugins.org_hierarchy.seeds.seed",),
    on_order_written=("plugins.org_hierarchy.attribution.attribute",),
    beat={"org_hierarchy.due-moves": Beat("o2o_org_hierarchy.apply_due_moves", 60)},
)
