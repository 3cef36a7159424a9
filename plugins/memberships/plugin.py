"""The declaration of the plugin ``memberships``."""

from saleor_o2o.plugin import Beat, JourneySpec, Menu, Page, Plugin

_HERE = "plugins.memberships"
_ADMIN = "admin:o2o_memberships"

plugin = Plugin(
    name="memberships",
    title="付费会员与会员卡",
    app=_HERE,
    requires=(
        "org_hierarchy",
        "members",
        "loyalty",
        "coupons",
        "ordering",
        "cashier",
        "counter_sales",
        "after_sale",
        "backoffice",
    ),
    queries=(f"{_HERE}.graphql.MembershipQueries",),
    mutations=(f"{_HERE}.graphql.MembershipMutations",),
    receivers=f"{_HERE}.receivers",
    seeds=(f"{_HERE}.seeds.seed",),
    menus=(
        Menu(
            "会员",
            (
                Page("付费会员", "card_membership", f"{_ADMIN}_membership_changelist", "membership.view"),
                Page("会员方案", "loyalty", f"{_ADMIN}_plan_changelist", "membership_plan.view"),
            ),
        ),
    ),
    beat={
        "memberships.expire-due": Beat(f"{_HERE}.tasks.expire_due", 300),
        "memberships.notice": Beat(f"{_HERE}.tasks.notice", 3600),
        "memberships.hand-over-refunds": Beat(f"{_HERE}.tasks.hand_over_refunds", 60),
    },
    journeys={
        "paid-membership": JourneySpec(
            f"{_HERE}.journeys.paid.play",
            "付费会员：网上买年卡、手机付款开通、补差价升级、不能退的说明原因",
        ),
    },
)
