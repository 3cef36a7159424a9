"""The declaration of the plugin ``commissions``."""

from saleor_o2o.plugin import Menu, Page, Plugin

_VIEW = "commission_plan.view"

plugin = Plugin(
    name="commissions",
    title="佣金方案",
    app="plugins.commissions",
    requires=("org_hierarchy", "channels"),
    queries=("plugins.commissions.graphql.CommissionQueries",),
    seeds=("plugins.commissions.seeds.seed",),
    on_order_written=("plugins.commissions.snapshots.order_written",),
    todo=("plugins.commissions.todo.todo",),
    menus=(
        Menu(
            "佣金",
            (
                Page("佣金方案", "percent", "admin:o2o_commissions_commissionplan_changelist", _VIEW),
                Page("佣金规则", "rule", "admin:o2o_commissions_commissionrule_changelist", _VIEW),
                Page("变更单", "fact_check", "admin:o2o_commissions_ratechange_changelist", _VIEW),
                Page(
                    "佣金试算", "calculate", "admin:o2o_commissions_calculator", "commission_plan.calculate"
                ),
                Page("订单佣金", "receipt", "admin:o2o_commissions_commissionsnapshot_changelist", _VIEW),
                Page(
                    "分类归属业务线", "category", "admin:o2o_commissions_businesscategory_changelist", _VIEW
                ),
            ),
        ),
    ),
)
