"""The declaration of the plugin ``after_sale``."""

from saleor_o2o.plugin import Beat, JourneySpec, Menu, Page, Plugin

_PAGES = "admin:o2o_after_sale"

plugin = Plugin(
    name="after_sale",
    title="售后",
    app="plugins.after_sale",
    requires=("org_hierarchy", "approvals", "ordering", "cashier"),
    queries=("plugins.after_sale.graphql.AfterSaleQueries",),
    mutations=("plugins.after_sale.graphql.AfterSaleMutations",),
    pages="plugins.after_sale.urls",
    receivers="plugins.after_sale.receivers",
    todo=("plugins.after_sale.todo.todo",),
    beat={"after_sale.watch-clocks": Beat("plugins.after_sale.tasks.watch_clocks", 60)},
    journeys={
        "after-sale": JourneySpec(
            "plugins.after_sale.journeys.after_sale.play",
            "售后：退货被拒、仲裁后退款；未发货退几件；超时自动同意；超限审批；退款失败再退",
        ),
        "after-sale-card": JourneySpec(
            "plugins.after_sale.journeys.card.play",
            "刷卡的订单退一份：售后单写明到哪里退，退款入账后自动完成",
        ),
        "exchange": JourneySpec(
            "plugins.after_sale.journeys.exchange.play",
            "换货与维修：预留、寄回、寄出、收货；修不好改退款；无货时买家自己决定",
        ),
    },
    menus=(
        Menu(
            "售后",
            (
                Page("代客售后", "support_agent", f"{_PAGES}_aftersale_apply", "after_sale.apply"),
                Page("登记投诉", "record_voice_over", f"{_PAGES}_complaint_record", "after_sale.apply"),
                Page("售后单", "assignment_return", f"{_PAGES}_aftersale_changelist", "after_sale.view"),
                Page("投诉与仲裁", "gavel", f"{_PAGES}_complaint_changelist", "complaint.view"),
                Page("售后计时规则", "timer", f"{_PAGES}_clockrule_changelist", "after_sale_rule.view"),
            ),
        ),
    ),
)
