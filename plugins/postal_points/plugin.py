"""The declaration of the plugin ``postal_points``."""

from saleor_o2o.plugin import Beat, JourneySpec, Menu, Page, Plugin

_HERE = "plugins.postal_points"
_ADMIN = "admin:o2o_postal_points"

plugin = Plugin(
    name="postal_points",
    title="邮政业务积分",
    app=_HERE,
    requires=("org_hierarchy", "approvals", "members", "loyalty", "backoffice"),
    hooks=f"{_HERE}.hooks",
    receivers=f"{_HERE}.receivers",
    seeds=(f"{_HERE}.seeds.seed",),
    menus=(
        Menu(
            "会员",
            (
                Page("邮政业务积分", "mail", f"{_ADMIN}_postalbusiness_changelist", "postal_points.view"),
                Page(
                    "导入邮政业务", "upload_file", f"{_ADMIN}_postalbusiness_import", "postal_points.import"
                ),
                Page(
                    "邮政业务导入批次", "inventory", f"{_ADMIN}_postalbatch_changelist", "postal_points.view"
                ),
                Page(
                    "邮政业务积分报表", "monitoring", f"{_ADMIN}_postalbusiness_report", "postal_points.view"
                ),
                Page("邮政业务积分规则", "tune", f"{_ADMIN}_postalrule_changelist", "postal_rule.view"),
            ),
        ),
    ),
    beat={"postal_points.sweep-waiting": Beat(f"{_HERE}.tasks.sweep_waiting", 3600)},
    journeys={
        "postal-points": JourneySpec(
            f"{_HERE}.journeys.core.play",
            "邮政业务积分：业务系统报储蓄，客户注册后补记，重报不重计，冲正收回",
        ),
    },
)
