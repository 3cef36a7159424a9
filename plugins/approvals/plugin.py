"""The declaration of the plugin ``approvals``."""

from saleor_o2o.plugin import Plugin

plugin = Plugin(
    name="approvals",
    title="审批",
    app="plugins.approvals",
    requires=("org_hierarchy",),
)
