"""The declaration of the plugin ``service_map``."""

from saleor_o2o.plugin import Beat, JourneySpec, Menu, Page, Plugin

_TASKS = "plugins.service_map.tasks"

plugin = Plugin(
    name="service_map",
    title="地图",
    app="plugins.service_map",
    requires=("org_hierarchy",),
    queries=("plugins.service_map.graphql.MapQueries",),
    mutations=("plugins.service_map.graphql.MapMutations",),
    menus=(
        Menu(
            "地图",
            (
                Page("地点", "location_on", "admin:o2o_service_map_place_changelist", "map.view"),
                Page("小区", "apartment", "admin:o2o_service_map_community_changelist", "map.view"),
                Page(
                    "服务范围检查", "join_inner", "admin:o2o_service_map_servicearea_changelist", "map.view"
                ),
                Page(
                    "批量定位", "add_location", "admin:o2o_service_map_geocodebatch_changelist", "map.geocode"
                ),
                Page("位置纠正", "pin_drop", "admin:o2o_service_map_pincorrection_changelist", "map.view"),
                Page("节假日", "event", "admin:o2o_service_map_calendarday_changelist", "map.view"),
                Page("订单热力图", "blur_on", "admin:o2o_service_map_place_heat", "map.heat"),
            ),
        ),
    ),
    receivers="plugins.service_map.receivers",
    todo=("plugins.service_map.todo.todo",),
    beat={
        "service_map.follow-units": Beat(f"{_TASKS}.follow_units", 3600),
        "service_map.work-on-batches": Beat(f"{_TASKS}.work_on_batches", 60),
    },
    seeds=("plugins.service_map.seeds_calendar.seed", "plugins.service_map.seeds.seed"),
    journeys={
        "nearby": JourneySpec(
            "plugins.service_map.journeys.nearby.play",
            "附近的网点、谁服务这个地址、标错的位置被纠正、服务范围重新划界",
        ),
    },
)
