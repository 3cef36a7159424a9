"""The declaration of the plugin ``dispatch``."""

from saleor_o2o.plugin import Beat, JourneySpec, Menu, Page, Plugin

_PAGES = "admin:o2o_dispatch"

plugin = Plugin(
    name="dispatch",
    title="派单",
    app="plugins.dispatch",
    requires=("org_hierarchy", "service_map", "ordering"),
    queries=("plugins.dispatch.graphql.DispatchQueries",),
    mutations=("plugins.dispatch.graphql.DispatchMutations",),
    receivers="plugins.dispatch.receivers",
    todo=("plugins.dispatch.todo.todo",),
    beat={"dispatch.watch": Beat("plugins.dispatch.tasks.watch", 60)},
    menus=(
        Menu(
            "派单",
            (
                Page("派单看板", "dashboard", f"{_PAGES}_dispatchtask_board", "dispatch.view"),
                Page("派单任务", "local_shipping", f"{_PAGES}_dispatchtask_changelist", "dispatch.view"),
                Page("派单报表", "bar_chart", f"{_PAGES}_dispatchtask_report", "dispatch.view"),
                Page("派单时限规则", "timer", f"{_PAGES}_clockrule_changelist", "dispatch_rule.view"),
            ),
        ),
    ),
    journeys={
        "dispatch": JourneySpec(
            "plugins.dispatch.journeys.dispatch.play",
            "按服务范围派到支局，两人抢一单，转派邻近支局，超时逐级升级，取消即关闭，找不到支局的归区县",
        ),
    },
)
