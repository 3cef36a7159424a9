"""The declaration of the plugin ``service_map``."""

from saleor_o2o.plugin import Beat, Plugin

_TASKS = "plugins.service_map.tasks"

plugin = Plugin(
    name="service_map",
    title="地图",
    app="plugins.service_map",
    requires=("org_hierarchy",),
    queries=("plugins.service_map.graphql.MapQueries",),
    mutations=("plugins.service_map.graphql.MapMutations",),
    receivers="plugins.service_map.receivers",
    beat={
        "service_map.follow-units": Beat(f"{_TASKS}.follow_units", 3600),
        "service_map.work-on-batches": Beat(f"{_TASKS}.work_on_batches", 60),
    },
)
