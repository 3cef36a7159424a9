"""The declaration of the plugin ``org_hierarchy``."""

from saleor_o2o.plugin import Beat, Plugin

plugin = Plugin(
    name="org_hierarchy",
    title="机构与权限",
    app="plugins.org_hierarchy",
    requires=("kernel", "cashier", "backoffice"),
    auth_backends=("plugins.org_hierarchy.access.backend.OrgBackend",),
    pages="plugins.org_hierarchy.pages",
    seeds=("plugins.org_hierarchy.seeds.seed",),
    on_order_written=("plugins.org_hierarchy.attribution.attribute",),
    beat={
        "org_hierarchy.due-moves": Beat("o2o_org_hierarchy.apply_due_moves", 60),
        "org_hierarchy.tidy-grants": Beat("o2o_org_hierarchy.tidy_grants", 60),
    },
)
