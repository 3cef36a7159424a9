"""The declaration of the plugin ``channels``."""

from saleor_o2o.plugin import JourneySpec, Menu, Page, Plugin

_VIEW = "channel.view"


def _page(title: str, icon: str, name: str) -> Page:
    return Page(title, icon, f"admin:o2o_channels_{name}", _VIEW)


plugin = Plugin(
    name="channels",
    title="渠道",
    app="plugins.channels",
    requires=("org_hierarchy", "approvals"),
    queries=("plugins.channels.graphql.ChannelQueries",),
    mutations=("plugins.channels.graphql.ChannelMutations",),
    saleor_plugins=("plugins.channels.saleor_plugin.ShopPricesPlugin",),
    pages="plugins.channels.urls",
    basket_sources=("plugins.channels.services.checkouts.note_basket",),
    receivers="plugins.channels.receivers",
    todo=("plugins.channels.todo.todo",),
    seeds=("plugins.channels.seeds.seed",),
    journeys={
        "channel": JourneySpec(
            "plugins.channels.journeys.channel.play",
            "社区微店：申请、走访、审批、培训、扫码卖出第一单、佣金逐行说明",
        )
    },
    menus=(
        Menu(
            "渠道",
            (
                _page("渠道", "storefront", "channel_changelist"),
                _page("渠道数据", "monitoring", "channel_figures"),
                _page("目标与排名", "leaderboard", "channel_board"),
                _page("拜访", "directions_walk", "visit_changelist"),
                _page("培训考试", "school", "exam_changelist"),
                _page("微店店铺", "store", "shop_changelist"),
                _page("客户绑定", "link", "customerbinding_changelist"),
                _page("设备", "print", "device_changelist"),
                _page("物料库存", "inventory", "materialstock_changelist"),
                _page("物料流水", "receipt", "materialmovement_changelist"),
                _page("选品池", "checklist", "poolgoods_changelist"),
                _page("微店模板", "dashboard_customize", "shoptemplate_changelist"),
                _page("培训课程", "menu_book", "course_changelist"),
                _page("绑定规则", "rule", "bindingrule_changelist"),
                _page("物料种类", "category", "material_changelist"),
            ),
        ),
    ),
)
