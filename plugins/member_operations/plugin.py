"""The declaration of the plugin ``member_operations``."""

from saleor_o2o.plugin import Beat, JourneySpec, Menu, Page, Plugin

_HERE = "plugins.member_operations"
_ADMIN = "admin:o2o_member_operations"

plugin = Plugin(
    name="member_operations",
    title="会员运营",
    app=_HERE,
    requires=(
        "org_hierarchy", "approvals", "members", "ordering", "cashier", "loyalty", "coupons", "official_account",
        "backoffice",
    ),
    queries=(f"{_HERE}.graphql.MemberOperationsQueries",),
    mutations=(f"{_HERE}.graphql.MemberOperationsMutations",),
    pages=f"{_HERE}.urls",
    receivers=f"{_HERE}.receivers",
    seeds=(f"{_HERE}.seeds.seed",),
    menus=(
        Menu(
            "会员运营",
            (
                Page("会员分群", "groups", f"{_ADMIN}_segment_changelist", "segment.view"),
                Page("营销活动", "campaign", f"{_ADMIN}_campaign_changelist", "campaign.view"),
                Page("会员报表", "monitoring", f"{_ADMIN}_segment_report", "member_report.view"),
                Page("会员评价", "reviews", f"{_ADMIN}_survey_changelist", "survey.view"),
                Page("名单导出", "file_export", f"{_ADMIN}_memberexport_changelist", "member_export.view"),
                Page("触达规则", "notifications_paused", f"{_ADMIN}_contactrule_changelist", "contact_rule.view"),
            ),
        ),
    ),
    beat={
        "member_operations.drive-campaigns": Beat(f"{_HERE}.tasks.drive_campaigns", 15),
        "member_operations.settle": Beat(f"{_HERE}.tasks.settle", 60),
        "member_operations.expire-exports": Beat(f"{_HERE}.tasks.expire_exports", 900),
        "member_operations.count-figures": Beat(f"{_HERE}.tasks.count_figures", 3600),
    },
    journeys={
        "member-campaign": JourneySpec(
            f"{_HERE}.journeys.campaign.play",
            "会员营销：分群看人数、活动另一人审批、按频次和意愿发短信，超频次的、不同意的、黑名单的都收不到；公众号活动点开有数，没关注的改发短信",
        ),
    },
)  # fmt: skip
