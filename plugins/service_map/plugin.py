"""The declaration of the plugin ``service_map``."""

from saleor_o2o.plugin import Plugin

plugin = Plugin(
    name="service_map",
    title="地图",
    app="plugins.service_map",
    requires=("org_hierarchy",),
)
